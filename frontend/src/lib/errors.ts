// What a person reads when a call fails, and what they copy for support.

import type { KeychainReason } from "../api/enums";
import { type CallError, readError } from "../api/transport";
import { w } from "../strings/en";

export interface Told {
  sentence: string;
  field: string;
  code: string;
  reference: string;
}

export function tell(cause: unknown): Told {
  const e: CallError = readError(cause);
  return {
    sentence: e.message || w.errors[e.code] || w.errors.unexpected || "",
    field: e.field,
    code: e.code,
    reference: e.reference,
  };
}

export function detailsOf(told: Told, doing: string, version: string): string {
  return [
    `Latchkey ${version}`,
    doing,
    `code: ${told.code}`,
    told.reference ? `reference: ${told.reference}` : "",
    told.sentence,
  ]
    .filter(Boolean)
    .join("\n");
}

/** Why the keychain does not open, where that is what a call failed by. */
export function keychainReason(code: string): KeychainReason | null {
  const [, reason] = /^keychain_(absent|locked|denied|silent)$/.exec(code) ?? [];
  return (reason as KeychainReason | undefined) ?? null;
}
