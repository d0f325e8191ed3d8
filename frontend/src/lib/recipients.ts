// Addresses as they are typed or pasted: taken apart, and each checked before
// anything is sent.

export interface CheckedAddress {
  address: string;
  verdict: "valid" | "invalid" | "duplicate";
}

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

/** Checks every address: a duplicate is one of the list, or one that the request was sent to before. */
export function checkAddresses(addresses: string[], sentBefore: string[] = []): CheckedAddress[] {
  const seen = new Set(sentBefore.map((a) => a.toLowerCase()));
  return addresses.map((address) => {
    if (!isFull(address)) return { address, verdict: "invalid" };
    const key = address.toLowerCase();
    if (seen.has(key)) return { address, verdict: "duplicate" };
    seen.add(key);
    return { address, verdict: "valid" };
  });
}

export const validAddresses = (list: CheckedAddress[]): string[] =>
  list.filter((a) => a.verdict === "valid").map((a) => a.address);
