// What the screens still take from here; new code takes each from its own file, and inputs from Mantine.
import { type ReactNode, useId } from "react";

export { Loader as Spinner } from "@mantine/core";
export { Avatar, initials } from "./Avatar";
export { useDelayedFlag } from "./delayed";
export { Empty } from "./Empty";
export { Keys } from "./Keys";
export { Marked } from "./Marked";
export { SkeletonRows } from "./SkeletonRows";

interface FieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  id?: string;
  icon?: ReactNode;
  after?: ReactNode;
  end?: ReactNode; // right of the label
  hint?: ReactNode;
  error?: string;
  placeholder?: string;
  disabled?: boolean;
  tall?: boolean;
  spell?: boolean;
  autoFocus?: boolean;
  maxLength?: number;
  inputMode?: "text" | "numeric" | "email" | "url";
  numeric?: boolean;
  dir?: "auto";
  onBlur?: () => void;
  onEnter?: () => void;
}

/** One line to type in, with its label, its hint and what is wrong with it. */
export function Field(p: FieldProps) {
  const made = useId();
  const id = p.id ?? made;
  const told = p.error || p.hint;
  return (
    <div className="field">
      <label className="label" htmlFor={id}>
        {p.label}
        {p.end && <span className="end">{p.end}</span>}
      </label>
      <span
        className={["input", p.error && "bad", p.disabled && "off", p.tall && "tall", p.numeric && "num"]
          .filter(Boolean)
          .join(" ")}
      >
        {p.icon}
        <input
          id={id}
          value={p.value}
          disabled={p.disabled}
          placeholder={p.placeholder}
          spellCheck={p.spell ?? false}
          autoComplete="off"
          autoCapitalize="off"
          autoFocus={p.autoFocus}
          maxLength={p.maxLength}
          dir={p.dir}
          inputMode={p.inputMode}
          aria-invalid={p.error ? true : undefined}
          aria-describedby={told ? `${id}-told` : undefined}
          onChange={(e) => p.onChange(e.currentTarget.value)}
          onBlur={p.onBlur}
          onKeyDown={(e) => {
            if (e.key === "Enter" && p.onEnter) {
              e.preventDefault();
              p.onEnter();
            }
          }}
        />
        {p.after}
      </span>
      {told && (
        <p id={`${id}-told`} className={`hint${p.error ? " fail" : ""}`} role={p.error ? "alert" : undefined}>
          {told}
        </p>
      )}
    </div>
  );
}
