import { t } from "../strings/en";

/** A mail server's refusal in plain words, with the server's own behind them. Empty: its code is none that is known. */
export function explainReply(reply: string): string {
  const [, code = ""] = /(?:^|\s)5\.(\d{1,3}\.\d{1,3})(?=\s|$)/.exec(reply) ?? [];
  const meaning = t.recipient.replies[code];
  return meaning ? t.recipient.meant(meaning, reply) : "";
}
