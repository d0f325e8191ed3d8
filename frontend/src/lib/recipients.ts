// Addresses as they are typed or pasted: taken apart, and each checked before
// anything is sent.

import type { RequestDetails } from "../api/types";

export interface CheckedAddress {
  address: string;
  /** Failed: an email to it was refused before. */
  verdict: "valid" | "invalid" | "duplicate" | "failed";
}

/** Takes a typed or pasted list apart: commas, semicolons, lines, and "Name <address>". What is neither stays whole. */
export function split(text: string): string[] {
  return text
    .split(/[,;\n\r\t]+/)
    .flatMap((part) => {
      const inside = [...part.matchAll(/<([^<>]*@[^<>]*)>/g)];
      if (inside.length > 0) return inside.map((found) => found[1]?.trim() ?? "");
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

const lowered = (addresses: string[]) => new Set(addresses.map((a) => a.toLowerCase()));

/** Checks every address: a duplicate is one of the list, or one that the request was sent to before. */
export function checkAddresses(
  addresses: string[],
  sentBefore: string[] = [],
  failedBefore: string[] = [],
): CheckedAddress[] {
  const seen = lowered(sentBefore);
  const failed = lowered(failedBefore);
  return addresses.map((address) => {
    if (!isFull(address)) return { address, verdict: "invalid" };
    const key = address.toLowerCase();
    if (failed.has(key)) return { address, verdict: "failed" };
    if (seen.has(key)) return { address, verdict: "duplicate" };
    seen.add(key);
    return { address, verdict: "valid" };
  });
}

export const validAddresses = (list: CheckedAddress[]): string[] =>
  list.filter((a) => a.verdict === "valid").map((a) => a.address);

/** Whether it has to be corrected or removed before anything is sent. */
export const isWrong = (a: CheckedAddress): boolean => a.verdict === "invalid" || a.verdict === "failed";

/** The addresses that the emails of a request did not reach. */
export const failedAddresses = (d: RequestDetails): string[] =>
  d.recipients.filter((to) => to.state === "failed").map((to) => to.address);
