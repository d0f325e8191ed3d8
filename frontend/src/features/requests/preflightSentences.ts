// What a check of a request means, and what to do about it.
import type { PreflightReason } from "../../api/enums";
import type { PreflightRow, RequestDetails } from "../../api/types";
import { useServices } from "../../lib/app";
import { useRelay } from "../../lib/data";
import { fullDay } from "../../lib/dates";
import { t } from "../../strings/en";

export interface Sentences {
  title: string;
  next: string;
}

/** The sentences of a line; with the names of the relay and its operator. */
export function useSentences(d: RequestDetails): (line: PreflightRow) => Sentences {
  const relay = useRelay().data;
  const services = useServices();
  const operator = relay?.operator || t.preflight.runner;
  const contact = t.preflight.write(relay?.contact ?? "");
  return (line) => {
    const service = line.service ? services.of(line.service).name : "";
    const { sentence, next } = t.preflight;
    const facebook = (title: (user: string, business: string) => string, then: string): Sentences => ({
      title: title(line.user, line.business),
      next: then,
    });
    const said: Record<PreflightReason, Sentences> = {
      not_admin: facebook(sentence.not_admin, next.not_admin(line.user)),
      no_business: facebook(sentence.no_business, next.no_business(line.user)),
      role_unknown: facebook(sentence.role_unknown, next.role_unknown),
      elsewhere: facebook(sentence.elsewhere, next.elsewhere),
      keychain: facebook(sentence.keychain, next.keychain),
      sign_in_ended: facebook(sentence.sign_in_ended, next.sign_in_ended),
      sign_in_ends: { title: sentence.sign_in_ends(line.user, fullDay(line.until)), next: next.sign_in_ends },
      no_user: facebook(sentence.no_user, next.no_user),
      not_offered: {
        title: sentence.not_offered(service),
        next: (d.can.edit ? next.not_offered(operator) : next.not_offered_sent(operator)) + contact,
      },
      app_broken: { title: sentence.app_broken(service), next: next.app_broken(operator) + contact },
      platform_down: { title: sentence.platform_down(service), next: next.platform_down },
      no_mail: { title: sentence.no_mail, next: next.no_mail(operator) + contact },
      mail_down: { title: sentence.mail_down, next: next.mail_down(operator) + contact },
      unreachable: { title: sentence.unreachable(line.address), next: next.unreachable(operator) + contact },
      certificate: { title: sentence.certificate(line.address), next: next.certificate(operator) + contact },
      other_relay: { title: sentence.other_relay(line.address), next: next.other_relay(operator) + contact },
      no_device: { title: sentence.no_device, next: next.no_device },
      restored: { title: sentence.restored, next: next.restored },
      offline: { title: sentence.offline, next: next.offline },
    };
    // A newer relay may give a reason that this program has no words for.
    return said[line.reason as PreflightReason] ?? { title: t.preflight.notChecked, next: "" };
  };
}
