import { useApp } from "../../lib/app";
import { dotted } from "../../lib/bidi";
import { useRelay } from "../../lib/data";
import { t } from "../../strings/en";
import css from "./Settings.module.css";

/** Who uses this computer, and which relay serves it. */
export function ComputerFacts() {
  const { session } = useApp();
  const relay = useRelay();
  const role = session.role === "main" ? t.settings.mainUser : t.settings.subUser;
  const facts = [
    [t.settings.member, dotted([session.member, session.email, role])],
    [t.settings.joined, session.agency],
    [t.settings.relay, session.relay],
    [t.settings.operator, relay.data?.operator],
    [t.settings.sender, relay.data?.mail_from],
    [t.settings.version, session.version],
    [t.managed, session.policy.managed.map((name) => t.settings.policies[name] ?? name).join(", ")],
  ] as const;
  return (
    <dl className={css.facts}>
      {facts.map(([name, value]) =>
        value ? (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ) : null,
      )}
    </dl>
  );
}
