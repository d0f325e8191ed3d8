// Keeps what turns the direction of reading within the text it came in, as internal/bidi does in Go.

// The blocks that are read from right to left, and the characters that turn direction.
const turns =
  /[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** Whether a text turns what stands beside it, so that it has to be isolated among our words. */
export const isTurning = (text: string): boolean => turns.test(text);

/** Removes embeddings and overrides, and isolates that nothing ends or nothing began. */
export function clean(text: string): string {
  const open: number[] = [];
  const kept = Array.from(text, (character) => (/[\u202a-\u202e]/.test(character) ? "" : character));
  kept.forEach((character, at) => {
    if (/[\u2066-\u2068]/.test(character)) open.push(at);
    else if (character === "\u2069" && open.pop() === undefined) kept[at] = "";
  });
  for (const at of open) kept[at] = "";
  return kept.join("");
}

/** A text from outside among our words, where no element can isolate it. */
export function isolate(text: string): string {
  if (!isTurning(text)) return text;
  const cleaned = clean(text);
  return isTurning(cleaned) ? `\u2068${cleaned}\u2069` : cleaned;
}

/** Texts from outside beside each other, without those that are empty. */
export const dotted = (parts: (string | undefined | false)[]): string =>
  parts.flatMap((part) => (part ? isolate(part) : [])).join(" · ");

/** Strings of ours whose functions isolate what they are given. */
export function isolating<T>(strings: T): T {
  if (typeof strings === "function") {
    const write = strings as unknown as (...values: unknown[]) => unknown;
    return ((...values: unknown[]) => write(...values.map(isolateValue))) as T;
  }
  if (Array.isArray(strings) || typeof strings !== "object" || strings === null) return strings;
  return Object.fromEntries(Object.entries(strings).map(([key, value]) => [key, isolating(value)])) as T;
}

function isolateValue(value: unknown): unknown {
  if (typeof value === "string") return isolate(value);
  return Array.isArray(value) ? value.map(isolateValue) : value;
}
