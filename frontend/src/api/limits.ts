// Written by internal/desktop/gen from internal/desktop/methods.go. Do not edit.

/** What may be typed, as the rules of Go have it. */
export const limits = {
  message: 5000,
  name: 120,
  client: 160,
  company: 80,
  recipients: 20,
} as const;
