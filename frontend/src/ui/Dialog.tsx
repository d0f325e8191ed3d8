import { Modal } from "@mantine/core";
import type { ReactNode } from "react";
import { useFocusBack } from "./focus";

interface DialogProps {
  open: boolean;
  title: string;
  closeWord: string;
  onClose: () => void;
  children: ReactNode;
  actions: ReactNode;
  width?: number;
}

/** A question in front of everything: the focus stays in it, Esc closes it. */
export function Dialog({ open, title, closeWord, onClose, children, actions, width = 460 }: DialogProps) {
  useFocusBack(open);
  return (
    <Modal
      opened={open}
      onClose={onClose}
      title={title}
      size={width}
      centered
      lockScroll={false}
      closeButtonProps={{ "aria-label": closeWord }}
      transitionProps={{ duration: 180 }}
    >
      <div style={{ display: "grid", gap: 14 }}>{children}</div>
      <div className="row gap8" style={{ justifyContent: "flex-end", marginTop: 20 }}>
        {actions}
      </div>
    </Modal>
  );
}
