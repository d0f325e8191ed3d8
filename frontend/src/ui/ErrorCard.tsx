import { Button } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { Empty } from "./Empty";
import css from "./ErrorCard.module.css";

interface ErrorCardProps {
  title: string;
  message: string;
  reference?: string;
  referenceWord: (reference: string) => string;
  again?: { word: string; do: () => void } | undefined;
  copy?: { word: string; do: () => void } | undefined;
}

/** What happened, what is safe, what to do: in the page, until it is read. */
export function ErrorCard({ title, message, reference, referenceWord, again, copy }: ErrorCardProps) {
  const actions = (
    <>
      {again && (
        <Button variant="filled" onClick={again.do}>
          {again.word}
        </Button>
      )}
      {copy && <Button onClick={copy.do}>{copy.word}</Button>}
      {reference && <span className={css.reference}>{referenceWord(reference)}</span>}
    </>
  );
  return (
    <div role="alert" className={css.card}>
      <Empty icon={<IconPlugConnectedX size={24} stroke={1.75} />} tone="f" title={title} actions={actions}>
        {message}
      </Empty>
    </div>
  );
}

interface ErrorLineProps {
  message: string;
  reference?: string;
  onClose?: () => void;
  closeWord?: string;
}

/** An error beside a form or above a list, which stays until it is answered. */
export function ErrorLine({ message, reference, onClose, closeWord }: ErrorLineProps) {
  return (
    <div className="problem" role="alert">
      <div className={css.line}>
        <span className={css.message}>
          <b>{message}</b>
          {reference && <span className="t3 small"> · {reference}</span>}
        </span>
        {onClose && (
          <Button size="xs" variant="subtle" onClick={onClose}>
            {closeWord}
          </Button>
        )}
      </div>
    </div>
  );
}
