/** The latchkey: brass on petrol; alone it takes the colour of the text. */
export function Mark({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#0B6478" />
      <g fill="none" stroke="#F6CF85" strokeWidth="3" strokeLinecap="round" strokeLinejoin="round">
        <circle cx="12" cy="9.75" r="3.75" />
        <path d="M12 13.5V25h9.5M12 19.25h5" />
      </g>
    </svg>
  );
}

export function GhostKey({ className }: { className?: string | undefined }) {
  return (
    <svg
      className={className}
      width="520"
      height="520"
      viewBox="0 0 32 32"
      aria-hidden="true"
      fill="none"
      stroke="#F6CF85"
      strokeWidth="4"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <circle cx="14" cy="9.75" r="4.9" />
      <path d="M14 14.7V32" />
    </svg>
  );
}
