// Small things that every screen uses: keys, fields, switches, segments,
// empty places, skeletons.
import { type ReactNode, useEffect, useId, useState } from "react";

/** The keys of a shortcut, where the action is. Decoration: a screen reader hears the action. */
export function Keys({ keys }: { keys: readonly string[] }) {
  return (
    <span aria-hidden="true" className="row">
      {keys.map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  );
}

export function Spinner() {
  return <span className="spin" aria-hidden="true" />;
}

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

export function Switch({
  label,
  on,
  onChange,
  disabled = false,
  busy = false,
  describedBy,
}: {
  label: string;
  on: boolean;
  onChange: (on: boolean) => void;
  disabled?: boolean;
  busy?: boolean;
  describedBy?: string;
}) {
  return (
    <button
      type="button"
      role="switch"
      className="switch"
      aria-checked={on}
      aria-label={label}
      aria-disabled={disabled || undefined}
      aria-busy={busy || undefined}
      aria-describedby={describedBy}
      onClick={() => {
        if (!disabled && !busy) onChange(!on);
      }}
    />
  );
}

export function SwitchRow({
  label,
  accessible,
  hint,
  tone = "t3",
  ...rest
}: {
  label: string;
  accessible?: string;
  hint: string;
  tone?: string;
  on: boolean;
  onChange: (on: boolean) => void;
  disabled?: boolean;
  busy?: boolean;
}) {
  const id = useId();
  return (
    <div className="switchrow">
      <span className="txt">
        <b>{label}</b>
        <span id={id} className={`small ${tone}`}>
          {hint}
        </span>
      </span>
      <Switch label={accessible ?? label} describedBy={id} {...rest} />
    </div>
  );
}

export function Segments<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
}) {
  return (
    <span className="segments" role="group" aria-label={label}>
      {options.map(([key, word]) => (
        <button key={key} type="button" aria-pressed={key === value} onClick={() => onChange(key)}>
          {word}
        </button>
      ))}
    </span>
  );
}

/** One sentence of promise, the one action. */
export function Empty({
  icon,
  tone = "p",
  title,
  children,
  actions,
}: {
  icon: ReactNode;
  tone?: "p" | "f" | "w" | "o";
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <div className="empty">
      <span className={`icontile big ${tone}`} aria-hidden="true">
        {icon}
      </span>
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {actions && <div className="acts">{actions}</div>}
    </div>
  );
}

/** True once something has taken longer than a blink: nothing flickers before. */
export function useDelayedFlag(waiting: boolean, after = 300): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!waiting) {
      setLate(false);
      return;
    }
    const timer = setTimeout(() => setLate(true), after);
    return () => clearTimeout(timer);
  }, [waiting, after]);
  return late;
}

export function SkeletonRows({ rows = 8, label }: { rows?: number; label: string }) {
  const late = useDelayedFlag(true);
  if (!late) return null;
  return (
    <div role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: these rows are nothing but their number
        <div key={n} className="line" style={{ height: 54, padding: "0 24px" }} aria-hidden="true">
          <span style={{ flex: 1 }}>
            <span className="skeleton" style={{ display: "block", width: 120 + ((n * 37) % 60) }} />
            <span
              className="skeleton"
              style={{ display: "block", width: 170 + ((n * 53) % 50), height: 8, marginTop: 8 }}
            />
          </span>
          <span className="skeleton" style={{ width: 24, height: 24, borderRadius: 6 }} />
          <span className="skeleton" style={{ width: 24, height: 24, borderRadius: 6 }} />
          <span className="skeleton" style={{ width: 82, height: 22, borderRadius: 11 }} />
        </div>
      ))}
    </div>
  );
}

export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return ((words[0]?.[0] ?? "") + (words.length > 1 ? (words.at(-1)?.[0] ?? "") : "")).toUpperCase();
}

export function Avatar({ name, tiny = false }: { name: string; tiny?: boolean }) {
  return (
    <span className={`avatar${tiny ? " tiny" : ""}`} aria-hidden="true">
      {initials(name)}
    </span>
  );
}

/** The letters of a text that were typed, marked. */
export function Marked({ text, typed }: { text: string; typed: string }) {
  const word = typed.trim();
  const at = word === "" ? -1 : text.toLowerCase().indexOf(word.toLowerCase());
  if (at < 0) return <>{text}</>;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + word.length)}</mark>
      {text.slice(at + word.length)}
    </>
  );
}
