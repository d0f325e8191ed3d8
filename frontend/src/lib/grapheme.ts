// Where a text may be cut: between the characters that readers see, as internal/grapheme does in Go.

export function characters(text: string): string[] {
  return Array.from(new Intl.Segmenter("und").segment(text), ({ segment }) => segment);
}

/** A character as a capital: ß stays what it is, for SS is two. */
function capital(character: string): string {
  const upper = character.toUpperCase();
  return characters(upper).length > 1 ? character : upper;
}

/** The first characters that are seen of the first and the last word of a name, as capitals. */
export function initials(name: string): string {
  const firsts = name
    .split(/\s+/)
    .flatMap((word) => characters(word).find((one) => /[\p{L}\p{N}\p{P}\p{S}]/u.test(one)) ?? []);
  return [firsts[0], firsts.length > 1 ? firsts.at(-1) : undefined].map((one) => capital(one ?? "")).join("");
}

export function capitalize(text: string): string {
  const [first = "", ...rest] = characters(text);
  return capital(first) + rest.join("");
}

/** Shortens a text to so many characters at most. */
export function truncate(text: string, most: number): string {
  const all = characters(text);
  return all.length > most ? `${all.slice(0, most - 1).join("")}…` : text;
}
