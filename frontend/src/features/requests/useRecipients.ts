import { useMemo, useState } from "react";
import { api } from "../../api/client";
import { limits } from "../../api/limits";
import type { RequestDetails } from "../../api/types";
import { useApp } from "../../lib/app";
import type { UiError } from "../../lib/errors";
import { type CheckedAddress, checkAddresses, isWrong, split, validAddresses } from "../../lib/recipients";
import { useSubmit } from "../../lib/useSubmit";
import { t } from "../../strings/en";

export interface Recipients {
  typed: string;
  type: (text: string) => void;
  /** Takes what is typed or pasted apart, into addresses of the list. */
  take: (text: string) => void;
  /** The addresses of the list, each with what is wrong with it. */
  checked: CheckedAddress[];
  /** Puts an address of the list back to where it is typed. */
  edit: (n: number) => void;
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

/** Addresses that wait in the list when the screen is opened, and those of them that an email did not reach. */
export interface FirstRecipients {
  addresses: string[];
  failed: string[];
}

/** The addresses that a request is about to be sent to. They stay where sending fails. */
export function useRecipients(d: RequestDetails, first: FirstRecipients, onNobody: () => void): Recipients {
  const { online } = useApp();
  const [addresses, setAddresses] = useState<string[]>(first.addresses);
  const [typed, setTyped] = useState("");
  const [missing, setMissing] = useState("");
  const before = useMemo(() => d.recipients.map((to) => to.address), [d]);
  const check = (list: string[]) => checkAddresses(list, before, first.failed);
  const checked = check(addresses);
  const { submit, busy, error, reset } = useSubmit({
    call: (to: string[]) => api.send({ id: d.id, addresses: to }),
    success: (_, to) => (online ? t.toast.sent(to.length) : t.toast.sentOffline),
    onSuccess: () => setAddresses([]),
  });
  /** What was said about the addresses before goes with every change of them. */
  const change = (list: string[], text: string) => {
    setAddresses(list);
    setTyped(text);
    setMissing("");
    reset();
  };
  const take = (text: string) => change([...addresses, ...split(text)], "");
  const without = (n: number) => addresses.filter((_, at) => at !== n);
  const send = () => {
    const all = check([...addresses, ...split(typed)]);
    if (typed.trim() !== "") take(typed);
    const to = validAddresses(all);
    if (all.some(isWrong)) setMissing(t.form.correct);
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
    type: (text) => change(addresses, text),
    take,
    checked,
    edit: (n) => change([...without(n), ...split(typed)], addresses[n] ?? ""),
    remove: (n) => change(without(n), typed),
    removeLast: () => change(addresses.slice(0, -1), typed),
    missing,
    count: before.length + validAddresses(checked).length,
    send,
    sending: busy,
    error,
    dismissError: reset,
  };
}
