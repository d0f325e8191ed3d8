import { useEffect, useRef, useState } from "react";
import { api } from "../../api/client";
import { limits } from "../../api/limits";
import type { RequestDetails, TypedRecipient } from "../../api/types";
import { useApp } from "../../lib/app";
import type { UiError } from "../../lib/errors";
import { isWrong, validAddresses } from "../../lib/recipients";
import { useSubmit } from "../../lib/useSubmit";
import { t } from "../../strings/en";

export interface Recipients {
  typed: string;
  type: (text: string) => void;
  /** Takes what is typed or pasted apart, into addresses of the list. */
  take: (text: string) => void;
  /** The addresses of the list, each with what is wrong with it. */
  checked: TypedRecipient[];
  /** Puts an address of the list back to where it is typed. */
  edit: (address: string) => void;
  remove: (address: string) => void;
  removeLast: () => void;
  /** What is missing before it can be sent. Empty: nothing. */
  missing: string;
  /** What was typed and not sent, as it is known at last. */
  unsent: () => Promise<string[]>;
  /** A name was typed beside an address: it is not kept. */
  named: boolean;
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
  const { checked, change, settled } = useCheckedList(d.id, first);
  const [typed, setTyped] = useState("");
  const [missing, setMissing] = useState("");
  const [named, setNamed] = useState(false);
  const { submit, busy, error, reset } = useSubmit({
    call: (to: string[]) => api.send({ id: d.id, addresses: to }),
    success: (_, to) => (online ? t.toast.sent(to.length) : t.toast.sentOffline),
    onSuccess: () => change(() => []),
  });
  /** The messages about the addresses go with every change of them. */
  const type = (text: string) => {
    setTyped(text);
    setMissing("");
    reset();
  };
  const take = (text: string) => {
    type("");
    setNamed(hasName.test(text));
    change((list) => [...list, text]);
  };
  /** By the address: its place is another one when a removal before is not read yet. */
  const without = (address: string) => (list: string[]) => {
    const n = list.lastIndexOf(address);
    return list.filter((_, at) => at !== n);
  };
  const send = async () => {
    if (typed.trim() !== "") take(typed);
    const all = await settled();
    const to = validAddresses(all);
    if (all.some(isWrong)) setMissing(t.form.correct);
    else if (d.recipients.length + to.length > limits.recipients)
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
    edit: (address) => {
      change((list) => [...without(address)(list), typed]);
      type(address);
    },
    remove: (address) => {
      change(without(address));
      type(typed);
    },
    removeLast: () => {
      change((list) => list.slice(0, -1));
      type(typed);
    },
    missing,
    unsent: async () => {
      if (typed.trim() !== "") take(typed);
      return (await settled()).map((a) => a.address);
    },
    named,
    count: d.recipients.length + validAddresses(checked).length,
    send,
    sending: busy,
    error,
    dismissError: reset,
  };
}

/** "Marta Lind <marta@client.example>" */
const hasName = /[^\s<>,;][^<>,;]*<\s*\S+@/;

interface CheckedList {
  checked: TypedRecipient[];
  /** Changes the list's texts, after the changes before. A text may hold several addresses. */
  change: (next: (texts: string[]) => string[]) => void;
  /** The list after all changes. */
  settled: () => Promise<TypedRecipient[]>;
}

/** A list of recipients as Go reads it. */
function useCheckedList(id: string, { addresses, failed }: FirstRecipients): CheckedList {
  const [checked, setChecked] = useState<TypedRecipient[]>([]);
  const list = useRef(Promise.resolve<TypedRecipient[]>([]));
  const change: CheckedList["change"] = (next) => {
    list.current = list.current.then(async (before) => {
      const texts = next(before.map((a) => a.address));
      const after = await api.readRecipients({ id, texts, failed }).catch(() => unread(texts));
      setChecked(after);
      return after;
    });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the screen was opened with
  useEffect(() => {
    if (addresses.length > 0) change(() => addresses);
  }, []);
  return { checked, change, settled: () => list.current };
}

/** What could not be asked about: Send asks again. */
const unread = (texts: string[]): TypedRecipient[] =>
  texts.filter((text) => text.trim() !== "").map((address) => ({ address, verdict: "valid", message: "" }));
