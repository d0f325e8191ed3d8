/** Keys for a list of which two may be about the same: these are numbered. */
export function numbered(keys: string[]): string[] {
  const seen = new Map<string, number>();
  return keys.map((key) => {
    const n = seen.get(key) ?? 0;
    seen.set(key, n + 1);
    return n === 0 ? key : `${key}/${n}`;
  });
}
