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
