import { IconPlugConnectedX } from "@tabler/icons-react";
import { Empty } from "./basics";

interface ErrorCardProps {
  title: string;
  sentence: string;
  reference?: string;
  referenceWord: (reference: string) => string;
  again?: { word: string; do: () => void } | undefined;
  copy?: { word: string; do: () => void } | undefined;
}

/** What happened, what is safe, what to do: in the page, until it is read. */
export function ErrorCard({ title, sentence, reference, referenceWord, again, copy }: ErrorCardProps) {
  return (
    <div role="alert" style={{ display: "contents" }}>
      <Empty
        icon={<IconPlugConnectedX size={24} stroke={1.75} />}
        tone="f"
        title={title}
        actions={
          <>
            {again && (
              <button type="button" className="btn primary" onClick={again.do}>
                {again.word}
              </button>
            )}
            {copy && (
              <button type="button" className="btn" onClick={copy.do}>
                {copy.word}
              </button>
            )}
            {reference && (
              <span className="t3 small num" style={{ width: "100%", marginTop: 6 }}>
                {referenceWord(reference)}
              </span>
            )}
          </>
        }
      >
        {sentence}
      </Empty>
    </div>
  );
}

/** An error beside a form or above a list, which stays until it is answered. */
export function ErrorLine({
  sentence,
  reference,
  onClose,
  closeWord,
}: {
  sentence: string;
  reference?: string;
  onClose?: () => void;
  closeWord?: string;
}) {
  return (
    <div className="problem" role="alert">
      <div className="row gap8">
        <span style={{ flex: 1 }}>
          <b>{sentence}</b>
          {reference && <span className="t3 small"> · {reference}</span>}
        </span>
        {onClose && (
          <button type="button" className="btn small quiet" onClick={onClose}>
            {closeWord}
          </button>
        )}
      </div>
    </div>
  );
}
