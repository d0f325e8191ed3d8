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
  return (
    <Dialog
      open
      title={title}
      closeWord={words.close}
      onClose={onClose}
      actions={
        <>
          <button type="button" className="btn" onClick={onClose} data-autofocus>
            {words.cancel}
          </button>
          <button
            type="button"
            className="btn primary danger"
            disabled={!possible}
            onClick={() => {
              onClose();
              onYes();
            }}
          >
            {yes}
          </button>
        </>
      }
    >
      {children}
    </Dialog>
  );
}
