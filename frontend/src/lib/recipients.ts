// Addresses as they are typed or pasted: taken apart, and each marked before
// anything is sent.

export type Marked =
  | { address: string; is: "good" }
  | { address: string; is: "bad" }
  | { address: string; is: "double" };

/** Takes a typed or pasted list apart: commas, semicolons, lines, and "Name <address>". */
export function split(text: string): string[] {
  return text
    .split(/[,;\n\r\t]+/)
    .flatMap((part) => {
      const inside = /<([^<>]*)>/.exec(part);
      if (inside) return [inside[1]?.trim() ?? ""];
      // A pasted column or message: words with an @ are addresses.
      const words = part.trim().split(/\s+/);
      return words.length > 1 && words.filter((word) => word.includes("@")).length > 1 ? words : [part.trim()];
    })
    .filter((part) => part !== "");
}

const label = /^[\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?$/u;

/** Whether it looks like one full address. The relay has the last word. */
export function isFull(address: string): boolean {
  if (address.length > 254 || /[\s<>()[\]\\,;:"]/.test(address)) return false;
  const at = address.lastIndexOf("@");
  if (at < 1 || at > 64 || address.indexOf("@") !== at) return false;
  const local = address.slice(0, at);
  if (local.startsWith(".") || local.endsWith(".") || local.includes("..")) return false;
  const labels = address.slice(at + 1).split(".");
  return labels.length > 1 && labels.every((l) => label.test(l)) && (labels.at(-1)?.length ?? 0) > 1;
}

/** Marks every address: bad, a double of an earlier one (or of one that was sent before), or good. */
export function mark(addresses: string[], sentBefore: string[] = []): Marked[] {
  const seen = new Set(sentBefore.map((a) => a.toLowerCase()));
  return addresses.map((address) => {
    if (!isFull(address)) return { address, is: "bad" };
    const key = address.toLowerCase();
    if (seen.has(key)) return { address, is: "double" };
    seen.add(key);
    return { address, is: "good" };
  });
}

export const good = (marked: Marked[]): string[] => marked.filter((m) => m.is === "good").map((m) => m.address);
