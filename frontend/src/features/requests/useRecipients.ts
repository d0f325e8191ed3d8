import { useMemo, useState } from "react";
import { api } from "../../api/client";
import { limits } from "../../api/limits";
import type { RequestDetails } from "../../api/types";
import { useApp } from "../../lib/app";
import type { UiError } from "../../lib/errors";
import { type CheckedAddress, checkAddresses, split, validAddresses } from "../../lib/recipients";
import { useSubmit } from "../../lib/useSubmit";
import { t } from "../../strings/en";

export interface Recipients {
  typed: string;
  type: (text: string) => void;
  /** Takes what is typed or pasted apart, into addresses of the list. */
  take: (text: string) => void;
  /** The addresses of the list, each with what is wrong with it. */
  checked: CheckedAddress[];
  remove: (n: number) => void;
  removeLast: () => void;
  /** What is missing before it can be sent. Empty: nothing. */
  missing: string;
  /** With those who got it before. */
  count: number;
  send: () => void;
  sending: boolean;
  error: UiError | null;
  dismissError: () => void;
}

/** The addresses that a request is about to be sent to. They stay where sending fails. */
export function useRecipients(d: RequestDetails, onNobody: () => void): Recipients {
  const { online } = useApp();
  const [addresses, setAddresses] = useState<string[]>([]);
  const [typed, setTyped] = useState("");
  const [missing, setMissing] = useState("");
  const before = useMemo(() => d.recipients.map((to) => to.address), [d]);
  const checked = useMemo(() => checkAddresses(addresses, before), [addresses, before]);
  const { submit, busy, error, reset } = useSubmit({
    call: (to: string[]) => api.send({ id: d.id, addresses: to }),
    success: (_, to) => (online ? t.toast.sent(to.length) : t.toast.sentOffline),
    onSuccess: () => setAddresses([]),
  });
  const type = (text: string) => {
    setTyped(text);
    setMissing("");
    reset();
  };
  const take = (text: string) => {
    setAddresses((had) => [...had, ...split(text)]);
    type("");
  };
  const send = () => {
    const all = checkAddresses([...addresses, ...split(typed)], before);
    if (typed.trim() !== "") take(typed);
    const to = validAddresses(all);
    if (all.some((a) => a.verdict === "invalid")) setMissing(t.form.correct);
    else if (before.length + to.length > limits.recipients)
      return; // it stands below the list
    else if (to.length > 0) submit(to);
    else {
      setMissing(t.form.enterAddress);
      onNobody();
    }
  };
  return {
    typed,
    type,
    take,
    checked,
    remove: (n) => setAddresses((had) => had.filter((_, at) => at !== n)),
    removeLast: () => setAddresses((had) => had.slice(0, -1)),
    missing,
    count: before.length + validAddresses(checked).length,
    send,
    sending: busy,
    error,
    dismissError: reset,
  };
}
