import type { ReactNode } from "react";
import css from "./CardRow.module.css";

interface CardRowProps {
  /** What the row is about: a picture before it, buttons behind it. */
  before: ReactNode;
  title: ReactNode;
  /** The title where it is cut. */
  hint?: string;
  text: ReactNode;
  /** The text is shown whole, on as many lines as it takes. */
  wraps?: boolean;
  children?: ReactNode;
}

/** A row of a card: something with a name, a line about it, and what can be done with it. */
export function CardRow({ before, title, hint, text, wraps = false, children }: CardRowProps) {
  return (
    <div className={css.row} data-wraps={wraps || undefined}>
      {before}
      <span className="two grow">
        <b title={hint}>{title}</b>
        <span className="l2">{text}</span>
      </span>
      {children}
    </div>
  );
}
