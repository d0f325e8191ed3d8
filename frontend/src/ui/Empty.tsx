import type { ReactNode } from "react";
import css from "./Empty.module.css";

interface EmptyProps {
  icon: ReactNode;
  tone?: "p" | "f" | "w" | "o";
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
}

/** One sentence of promise, the one action. */
export function Empty({ icon, tone = "p", title, children, actions }: EmptyProps) {
  return (
    <div className={css.empty}>
      <span className={`icontile big ${tone}`} aria-hidden="true">
        {icon}
      </span>
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {actions && <div className={css.actions}>{actions}</div>}
    </div>
  );
}
