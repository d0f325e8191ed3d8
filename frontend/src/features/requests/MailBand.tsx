import { IconMailOff } from "@tabler/icons-react";
import { useApp } from "../../lib/app";
import { when } from "../../lib/dates";
import { t } from "../../strings/en";

/** That the relay's mail server takes no emails, which is nobody's fault here. */
export function MailBand() {
  const { session, now } = useApp();
  if (session.mail_fails === 0 || session.state !== "enrolled") return null;
  const say = session.role === "main" ? t.mailFails.main : t.mailFails.sub;
  return (
    <div className="banner" role="status">
      <IconMailOff size={17} stroke={1.75} aria-hidden="true" />
      {say(when(session.mail_fails, now))}
    </div>
  );
}
