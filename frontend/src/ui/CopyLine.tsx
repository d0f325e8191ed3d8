import { ActionIcon } from "@mantine/core";
import { IconCopy } from "@tabler/icons-react";
import type { ReactNode, Ref } from "react";
import { copyText } from "../lib/clipboard";
import css from "./CopyLine.module.css";

interface CopyLineProps {
  value: string;
  copyWord: string;
  /** The value is read out and typed, as a code is, not only copied. */
  typed?: boolean;
  ref?: Ref<HTMLDivElement>;
}

/** A value that is copied by a button. */
export function CopyLine({ value, copyWord, typed = false, ref }: CopyLineProps) {
  return (
    <div className={css.line} data-code={typed || undefined} ref={ref}>
      {typed ? <span className="grow">{value}</span> : <code className="grow">{value}</code>}
      <ActionIcon size={30} aria-label={copyWord} onClick={() => void copyText(value)}>
        <IconCopy size={16} stroke={1.75} aria-hidden="true" />
      </ActionIcon>
    </div>
  );
}

/** The note below a value that is shown this once. */
export function OnceNote({ children }: { children: ReactNode }) {
  return <p className={css.once}>{children}</p>;
}
