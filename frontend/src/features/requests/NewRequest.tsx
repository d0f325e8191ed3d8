// Request onboarding, first step: what is asked for, with the email beside it.
import { useLocation } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { api } from "../../api/client";
import type { RequestDetails, RequestForm } from "../../api/types";
import { useApp } from "../../lib/app";
import { useAgency, useRequest } from "../../lib/data";
import { blank } from "../../lib/request";
import { t } from "../../strings/en";
import { RequestFormView } from "./RequestForm";
import { RequestHead } from "./RequestHead";

export function NewRequest({ edit }: { edit: string }) {
  const first = useFirstForm(edit);
  if (!first) return <RequestHead step={1} title={edit ? t.form.editTitle : t.form.title} />;
  return <RequestFormView first={first.form} edit={edit} left={first.left} resumed={first.resumed} />;
}

interface FirstForm {
  form: RequestForm;
  /** Something of it was written before. */
  left: boolean;
  /** It is a draft that was left before, with all that a request needs. */
  resumed: boolean;
}

/** What the form starts with: the request to be edited, the draft, or the agency's usual message. Null: not known. */
function useFirstForm(edit: string): FirstForm | null {
  const [first, setFirst] = useState<FirstForm | null>(null);
  const existing = useRequest(edit).data;
  const usual = useAgency().data?.default_message;
  const again = useLocation({ select: ({ state }) => state.again !== undefined });
  // A request to oneself asks the agency for its own accounts.
  const { email, agency } = useApp().session;
  const own = useLocation({ select: ({ state }) => state.to?.includes(email) === true });
  useEffect(() => {
    if (!edit || !existing) return;
    setFirst((before) => before ?? { form: formOf(existing, usual ?? ""), left: false, resumed: false });
  }, [edit, existing, usual]);
  useEffect(() => {
    if (edit || usual === undefined) return;
    let shown = true;
    const start = (draft: FirstForm) => shown && setFirst((before) => before ?? draft);
    const client = own ? agency : "";
    api.draft().then(
      (draft) =>
        start({
          form: { ...formOfDraft(draft, usual), client: draft.client || client },
          left: isBegun(draft, usual),
          resumed: !again && isWritten(draft),
        }),
      () => start({ form: { ...blank, client }, left: false, resumed: false }),
    );
    return () => {
      shown = false;
    };
  }, [edit, usual, again, own, agency]);
  return first;
}

function formOf(d: RequestDetails, usual: string): RequestForm {
  return {
    id: d.id,
    client: d.client,
    message: d.message || usual,
    services: d.services.map((s) => s.service),
    connection: d.connection_id,
    business: d.business_id,
    business_name: d.connection_id ? "" : d.business,
    by_hand: d.by_hand,
    kinds: d.kinds,
    level: d.level,
  };
}

const formOfDraft = (draft: RequestForm, usual: string): RequestForm => ({
  ...blank,
  ...draft,
  message: draft.message || usual,
});

const isBegun = ({ client, services, message }: RequestForm, usual: string): boolean =>
  client !== "" || services.length > 0 || (message !== "" && message !== usual);

const isWritten = (draft: RequestForm): boolean => draft.client !== "" && draft.services.length > 0;
