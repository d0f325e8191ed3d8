import { Button } from "@mantine/core";
import { type FormEvent, type ReactNode, useRef, useState } from "react";
import type { UiError } from "../lib/errors";
import { BusyButton } from "./BusyButton";
import { Dialog } from "./Dialog";
import css from "./Dialog.module.css";
import { ErrorLine } from "./ErrorCard";

interface FormDialogProps {
  title: string;
  words: { close: string; cancel: string; dropTyped: string; keepTyping: string; drop: string };
  submit: string;
  busy: boolean;
  /** What went wrong, unless a field shows it. */
  error: UiError | null;
  disabled?: boolean;
  width?: number;
  onSubmit: (e: FormEvent<HTMLFormElement>) => void;
  onClose: () => void;
  /** Left of the answers: what leads elsewhere. */
  aside?: ReactNode;
  children: ReactNode;
}

/**
 * A short form in front of everything: Enter in a field and its button submit it. Escape, the cross and a click beside
 * it close it; what was typed is only dropped once that is confirmed, or by Cancel.
 */
export function FormDialog(p: FormDialogProps) {
  const typed = useRef(false);
  const from = useRef<Element | null>(null);
  const [asks, setAsks] = useState(false);
  const keep = () => {
    setAsks(false);
    if (from.current instanceof HTMLElement) from.current.focus();
  };
  const close = () => {
    if (asks) return keep();
    if (!typed.current) return p.onClose();
    from.current = document.activeElement;
    setAsks(true);
  };
  return (
    <Dialog
      open
      title={p.title}
      closeWord={p.words.close}
      onClose={close}
      onSubmit={p.onSubmit}
      onTyped={() => {
        typed.current = true;
      }}
      width={p.width}
      actions={asks ? <Asked {...p} onKeep={keep} /> : <Answers {...p} />}
    >
      {p.error && <ErrorLine message={p.error.message} reference={p.error.reference} />}
      {p.children}
    </Dialog>
  );
}

function Answers(p: FormDialogProps) {
  return (
    <>
      {p.aside && <span className={css.aside}>{p.aside}</span>}
      <Button onClick={p.onClose}>{p.words.cancel}</Button>
      <BusyButton type="submit" variant="filled" busy={p.busy} disabled={p.disabled ?? false}>
        {p.submit}
      </BusyButton>
    </>
  );
}

/** Whether what was typed is to go. */
function Asked({ words, onClose, onKeep }: FormDialogProps & { onKeep: () => void }) {
  return (
    <>
      <span className={css.aside} role="alert">
        {words.dropTyped}
      </span>
      <Button variant="danger" onClick={onClose}>
        {words.drop}
      </Button>
      <Button variant="filled" autoFocus onClick={onKeep}>
        {words.keepTyping}
      </Button>
    </>
  );
}
