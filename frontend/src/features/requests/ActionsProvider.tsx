// The questions that come before what is done with a request or an account, and how it went.
import { notifications } from "@mantine/notifications";
import { type ReactNode, useMemo, useState } from "react";
import { api } from "../../api/client";
import type { EndingResult, ItemRow, RequestRow } from "../../api/types";
import { useApp } from "../../lib/app";
import { toUiError, type UiError } from "../../lib/errors";
import { resentSentence } from "../../lib/request";
import { t } from "../../strings/en";
import { EndAccessDialog, EndedDialog, EndingDialog, EndWithoutDialog } from "../accounts/EndAccess";
import { DeleteClientDialog, DeleteDialog, FailedDialog, ReopenDialog, ResendDialog } from "./ActionDialogs";
import { ActionsContext, type RequestActions } from "./actions";
import { RepairDialog } from "./RepairDialog";

/** The dialog that is open. */
type Asked =
  | { is: "nothing" }
  | { is: "delete" | "deleteClient" | "resend" | "reopen"; r: RequestRow }
  | { is: "endAccess" | "endWithout" | "ending" | "repair"; i: ItemRow }
  | { is: "ended"; result: EndingResult }
  | { is: "failed"; error: UiError; doing: string; retry: () => void };

type Ask = (asked: Asked) => void;

export function ActionsProvider({ children }: { children: ReactNode }) {
  const { online } = useApp();
  const [asked, setAsked] = useState<Asked>({ is: "nothing" });
  const act = useMemo(() => actionsThat(setAsked, online), [online]);
  return (
    <ActionsContext.Provider value={act}>
      {children}
      <AskedDialog asked={asked} ask={setAsked} />
    </ActionsContext.Provider>
  );
}

function actionsThat(ask: Ask, online: boolean): RequestActions {
  const run: RequestActions["run"] = (doing, call, success) => {
    call().then(
      () => success && notifications.show({ message: success }),
      (cause: unknown) => ask({ is: "failed", error: toUiError(cause), doing, retry: () => run(doing, call, success) }),
    );
  };
  return {
    run,
    resend: (r) => ask({ is: "resend", r }),
    resendNow: (doing, requests) =>
      run(doing, async () => {
        const all = await Promise.all(requests.map((r) => api.resend({ id: r.id, recipients: r.to })));
        notifications.show({ message: online ? resentSentence(all) : t.toast.resentOffline });
      }),
    copyLink: (r) =>
      run(t.actions.copyLink, async () => {
        const copied = await api.copyLink({ id: r.id });
        notifications.show({ message: copied ? t.toast.linkCopied : t.toast.linkLater });
      }),
    remove: (r) => ask({ is: "delete", r }),
    renew: (r, send) => {
      const done = send ? t.toast.renewedSent : t.toast.renewed;
      run(t.actions.renew, () => api.renew({ id: r.id, send }), online ? done : t.toast.renewedOffline);
    },
    reopen: (r) => ask({ is: "reopen", r }),
    archive: (r, on) => {
      const archive = () => api.archive({ id: r.id, on });
      if (on) run(t.actions.archive, archive, t.toast.archived);
      else run(t.actions.unarchive, archive, t.toast.unarchived);
    },
    deleteClient: (r) => ask({ is: "deleteClient", r }),
    endAccess: (i) => ask({ is: "endAccess", i }),
    endWithout: (i) => ask({ is: "endWithout", i }),
    repair: (i) => ask({ is: "repair", i }),
    notify: (message) => notifications.show({ message }),
  };
}

/** Ends the access to an account and shows how it went. */
function endAccess(i: ItemRow, ask: Ask, call = api.endAccess) {
  ask({ is: "ending", i });
  call({ id: i.id }).then(
    (result) => {
      if (!result.proven || result.next || result.queued) return ask({ is: "ended", result });
      ask({ is: "nothing" });
      notifications.show({ message: `${result.title}.` });
    },
    (cause: unknown) =>
      ask({
        is: "failed",
        error: toUiError(cause),
        doing: t.ending.title(i.name),
        retry: () => endAccess(i, ask, call),
      }),
  );
}

function AskedDialog({ asked, ask }: { asked: Asked; ask: Ask }) {
  const close = () => ask({ is: "nothing" });
  switch (asked.is) {
    case "nothing":
      return null;
    case "delete":
      return <DeleteDialog r={asked.r} onClose={close} />;
    case "deleteClient":
      return <DeleteClientDialog r={asked.r} onClose={close} />;
    case "resend":
      return <ResendDialog r={asked.r} onClose={close} />;
    case "reopen":
      return <ReopenDialog r={asked.r} onClose={close} />;
    case "endAccess":
      return <EndAccessDialog i={asked.i} onYes={() => endAccess(asked.i, ask)} onClose={close} />;
    case "endWithout":
      return <EndWithoutDialog i={asked.i} onYes={() => endAccess(asked.i, ask, api.endWithout)} onClose={close} />;
    case "ending":
      return <EndingDialog i={asked.i} onClose={close} />;
    case "ended":
      return <EndedDialog result={asked.result} onClose={close} />;
    case "repair":
      return <RepairDialog i={asked.i} onClose={close} />;
    case "failed":
      return <FailedDialog error={asked.error} doing={asked.doing} onRetry={asked.retry} onClose={close} />;
  }
}
