import { Button } from "@mantine/core";
import type { FormEvent, ReactNode } from "react";
import type { UiError } from "../lib/errors";
import { BusyButton } from "./BusyButton";
import { Dialog } from "./Dialog";
import css from "./Dialog.module.css";
import { ErrorLine } from "./ErrorCard";

interface FormDialogProps {
  title: string;
  words: { close: string; cancel: string };
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

/** A short form in front of everything: Enter in a field and its button submit it. */
export function FormDialog(p: FormDialogProps) {
  const actions = (
    <>
      {p.aside && <span className={css.aside}>{p.aside}</span>}
      <Button onClick={p.onClose}>{p.words.cancel}</Button>
      <BusyButton type="submit" variant="filled" busy={p.busy} disabled={p.disabled ?? false}>
        {p.submit}
      </BusyButton>
    </>
  );
  return (
    <Dialog
      open
      title={p.title}
      closeWord={p.words.close}
      onClose={p.onClose}
      onSubmit={p.onSubmit}
      width={p.width}
      actions={actions}
    >
      {p.error && <ErrorLine message={p.error.message} reference={p.error.reference} />}
      {p.children}
    </Dialog>
  );
}
