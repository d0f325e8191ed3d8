import { IconClockX, IconHourglass, IconMinus } from "@tabler/icons-react";

export type Status = "pending" | "connected" | "waiting" | "failed" | "expired" | "skipped";

/** The glyph of a state: never colour alone. */
export function StatusGlyph({ of, size = 14 }: { of: Status; size?: number }) {
  switch (of) {
    case "pending":
      return (
        <svg
          width={size}
          height={size}
          viewBox="0 0 24 24"
          aria-hidden="true"
          fill="none"
          stroke="currentColor"
          strokeWidth="2.2"
        >
          <circle cx="12" cy="12" r="9" />
          <path d="M12 3a9 9 0 0 1 0 18z" fill="currentColor" stroke="none" />
        </svg>
      );
    case "connected":
      return (
        <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" className="solid">
          <circle cx="12" cy="12" r="10" fill="currentColor" />
          <path
            d="M7.5 12.2l3 3 6-6.2"
            fill="none"
            stroke="var(--glyph, var(--lk-surface))"
            strokeWidth="2.4"
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </svg>
      );
    case "failed":
      return (
        <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
          <circle cx="12" cy="12" r="10" fill="currentColor" />
          <path
            d="M12 6.8v6.2M12 16.9v.1"
            stroke="var(--glyph, var(--lk-surface))"
            strokeWidth="2.6"
            strokeLinecap="round"
          />
        </svg>
      );
    case "waiting":
      return <IconHourglass size={size} stroke={2} aria-hidden="true" />;
    case "expired":
      return <IconClockX size={size} stroke={2} aria-hidden="true" />;
    case "skipped":
      return <IconMinus size={size} stroke={2} aria-hidden="true" />;
  }
}

export function StatusPill({ of, children }: { of: Status; children: React.ReactNode }) {
  return (
    <span className={`pill ${of === "skipped" ? "expired" : of}`}>
      <StatusGlyph of={of} />
      {children}
    </span>
  );
}

/** The same without its ground, at the end of a row. */
export function StateWord({ of, children }: { of: Status; children: React.ReactNode }) {
  return (
    <span className={`state ${of === "skipped" ? "expired" : of}`}>
      <StatusGlyph of={of} />
      {children}
    </span>
  );
}
