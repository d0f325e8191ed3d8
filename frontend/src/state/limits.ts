// The limits of what a person can type, as the relay has them: a test compares
// the two. They are said while it is typed, not after.
export const limits = {
  message: 5000,
  name: 120,
  client: 160,
  company: 80,
  recipients: 20, // of one request
} as const;
