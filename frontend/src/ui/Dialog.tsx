import { Modal } from "@mantine/core";
import type { FormEvent, ReactNode } from "react";
import css from "./Dialog.module.css";
import { useFocusBack } from "./useFocusBack";
import { useLayer } from "./useLayer";

interface DialogProps {
  open: boolean;
  title: string;
  closeWord: string;
  onClose: () => void;
  /** Makes it a form; a button of type submit is among the actions. */
  onSubmit?: ((e: FormEvent<HTMLFormElement>) => void) | undefined;
  /** Something in the form was changed. */
  onTyped?: (() => void) | undefined;
  children: ReactNode;
  actions: ReactNode;
  width?: number | undefined;
}

/** A question in front of everything: the focus stays in it, Esc closes it. */
export function Dialog({ open, title, closeWord, onClose, onSubmit, onTyped, children, actions, width }: DialogProps) {
  useFocusBack(open);
  useLayer(open, onClose);
  const content = (
    <>
      <div className={css.content}>{children}</div>
      <div className={css.actions}>{actions}</div>
    </>
  );
  return (
    <Modal
      opened={open}
      onClose={onClose}
      closeOnEscape={false}
      title={title}
      size={width ?? 460}
      centered
      lockScroll={false}
      closeButtonProps={{ "aria-label": closeWord }}
      transitionProps={{ duration: 180 }}
    >
      {onSubmit ? (
        <form noValidate onSubmit={onSubmit} onChange={onTyped}>
          {content}
        </form>
      ) : (
        content
      )}
    </Modal>
  );
}
