import { useNavigate } from "@tanstack/react-router";
import { api } from "../../api/client";
import type { RequestDetails, RequestForm, RequestRow, Service } from "../../api/types";
import { useServices } from "../../lib/app";
import { links } from "../../lib/links";
import { blank } from "../../lib/request";
import type { Services } from "../../lib/services";
import { t } from "../../strings/en";
import { useRequestActions } from "./actions";

/** The services of a request of which nothing came. */
export const missingOf = (r: RequestRow): Service[] =>
  r.services.filter((s) => s.connected === 0 && s.waiting === 0 && !s.attention).map((s) => s.service);

const over = new Set(["expired", "link_asked", "declined"]);

/** Whether what is missing can be asked for again: nobody is expected to bring it by this request any more. */
export const canFollowUp = (r: RequestRow): boolean =>
  missingOf(r).length > 0 && (r.status === "connected" || r.finished > 0 || over.has(r.phase));

/** A request to the same client for what is missing, as a form to be checked before it is saved. */
export function followUpOf(d: RequestDetails, services: Services): RequestForm {
  const missing = missingOf(d);
  const facebook = missing.includes("facebook");
  return {
    ...blank,
    client: d.client,
    message: t.followUp.message(missing.map((id) => services.of(id).name)),
    services: missing,
    connection: facebook ? d.connection_id : "",
    business: facebook ? d.business_id : "",
    business_name: facebook && !d.connection_id ? d.business : "",
    by_hand: facebook && d.by_hand,
    kinds: facebook ? d.kinds : [],
    level: d.level,
  };
}

/** Opens the form of a follow-up request, filled in; the recipients are those of before. */
export function useFollowUp(): (r: RequestRow) => void {
  const navigate = useNavigate();
  const services = useServices();
  const act = useRequestActions();
  return (r) =>
    act.run(t.followUp.label, async () => {
      await api.saveDraft(followUpOf(await api.request({ id: r.id }), services));
      await navigate({ ...links.newRequest, state: { again: r.id } });
    });
}
