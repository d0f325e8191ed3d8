import { initials } from "../lib/grapheme";

export function Avatar({ name, tiny = false }: { name: string; tiny?: boolean }) {
  return (
    <span className={`avatar${tiny ? " tiny" : ""}`} aria-hidden="true">
      {initials(name)}
    </span>
  );
}
