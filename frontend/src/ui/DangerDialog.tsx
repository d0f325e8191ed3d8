import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { Dialog } from "./Dialog";

interface DangerDialogProps {
  title: string;
  words: { close: string; cancel: string };
  yes: string;
  possible?: boolean; // as long as it is false there is no yes
  onYes: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** A question about what cannot be taken back: the focus is on Cancel, and a yes closes it. */
export function DangerDialog({ title, words, yes, possible = true, onYes, onClose, children }: DangerDialogProps) {
  const answer = () => {
    onClose();
    onYes();
  };
  return (
    <Dialog
      open
      title={title}
      closeWord={words.close}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose} data-autofocus>
            {words.cancel}
          </Button>
          <Button variant="danger-filled" disabled={!possible} onClick={answer}>
            {yes}
          </Button>
        </>
      }
    >
      {children}
    </Dialog>
  );
}
