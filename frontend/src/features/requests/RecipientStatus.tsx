import {
  IconAlertCircle,
  IconBan,
  IconCheck,
  IconClock,
  IconCloudOff,
  IconMailOff,
  IconMailQuestion,
  type IconProps,
  IconSend,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import type { RecipientRow } from "../../api/types";
import { useApp } from "../../lib/app";
import { whenExactly } from "../../lib/dates";
import { remindsOn } from "../../lib/request";
import { explainReply } from "../../lib/serverReply";
import { t } from "../../strings/en";
import classes from "./RequestDetails.module.css";

interface StateStyle {
  tone: string;
  Icon: ComponentType<IconProps>;
  text: string;
  title?: string;
}

function styleOf(to: RecipientRow, now: number, mailFails: boolean): StateStyle {
  const at = whenExactly(to.at, now);
  switch (to.state) {
    case "opened":
      return { tone: "connected", Icon: IconCheck, text: t.recipient.opened(at) };
    case "sent":
      if (to.unseen) return { tone: "waiting", Icon: IconMailQuestion, text: t.recipient.unseen(at) };
      return { tone: classes.sent ?? "", Icon: IconSend, text: t.recipient.sent(at) };
    case "failed": {
      const why = explainReply(to.server_reply) || to.server_reply;
      const text = why ? t.recipient.failedWith(why) : t.recipient.failed;
      return { tone: "failed", Icon: IconAlertCircle, text, title: text };
    }
    case "waiting":
      return { tone: "waiting", Icon: IconCloudOff, text: t.recipient.waiting };
    case "delayed":
      if (mailFails) return { tone: "waiting", Icon: IconClock, text: t.mailFails.recipient };
      return { tone: "waiting", Icon: IconClock, text: t.recipient.delayed, title: to.server_reply };
    case "not_sent": {
      const text = to.resend ? t.recipient.not_sent : t.recipient.notSentEnded;
      return { tone: to.resend ? "waiting" : "expired", Icon: IconMailOff, text, title: text };
    }
    case "queued":
      if (mailFails) return { tone: "waiting", Icon: IconClock, text: t.mailFails.recipient };
      return { tone: "pending", Icon: IconClock, text: t.recipient.queued };
    case "stopped":
      return { tone: "expired", Icon: IconBan, text: t.recipient.stopped };
  }
}

/** How far the email to one recipient has come. */
export function RecipientStatus({ to }: { to: RecipientRow }) {
  const { now, session } = useApp();
  const { tone, Icon, text, title } = styleOf(to, now, session.mail_fails > 0);
  return (
    <span className={`state ${tone}`} title={title}>
      <Icon size={14} stroke={2} aria-hidden="true" />
      {to.state === "failed" ? <span className={`trunc ${classes.reply}`}>{text}</span> : text}
      {to.reminds > 0 && <span className={classes.reminds}> · {remindsOn(to.reminds, now)}</span>}
    </span>
  );
}
