// The recipients of a request: what Go read of what was typed.

import type { RequestDetails, TypedRecipient } from "../api/types";

export const validAddresses = (list: TypedRecipient[]): string[] =>
  list.filter((a) => a.verdict === "valid").map((a) => a.address);

/** Whether it has to be corrected or removed before anything is sent. */
export const isWrong = (a: TypedRecipient): boolean => a.verdict === "invalid" || a.verdict === "failed";

/** The addresses that the emails of a request did not reach. */
export const failedAddresses = (d: RequestDetails): string[] =>
  d.recipients.filter((to) => to.state === "failed").map((to) => to.address);

/** Whether a key that divides addresses ends what is typed: there is an address, and no name or bracket is open. */
export function endsAddress(typed: string): boolean {
  const quotes = typed.split('"').length - 1;
  return typed.includes("@") && quotes % 2 === 0 && typed.lastIndexOf("<") <= typed.lastIndexOf(">");
}
