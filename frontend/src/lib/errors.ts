// What a person reads when a call fails, and what they copy for support.

import type { KeychainReason } from "../api/enums";
import { type CallError, readError } from "../api/transport";
import { t } from "../strings/en";

export interface UiError {
  message: string;
  field: string;
  code: string;
  reference: string;
}

export function toUiError(cause: unknown): UiError {
  const e: CallError = readError(cause);
  return {
    message: e.message || t.errors[e.code] || t.errors.unexpected || "",
    field: e.field,
    code: e.code,
    reference: e.reference,
  };
}

export function detailsOf(error: UiError, doing: string, version: string): string {
  return [
    `Latchkey ${version}`,
    doing,
    `code: ${error.code}`,
    error.reference ? `reference: ${error.reference}` : "",
    error.message,
  ]
    .filter(Boolean)
    .join("\n");
}

/** Why the keychain does not open, where that is what a call failed by. */
export function keychainReason(code: string): KeychainReason | null {
  const [, reason] = /^keychain_(absent|locked|denied|timeout)$/.exec(code) ?? [];
  return (reason as KeychainReason | undefined) ?? null;
}
