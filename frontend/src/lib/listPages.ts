// Which pages of a long list are wanted: those that are in sight, and no others.

export const perPage = 50;

/** Rows in sight, the last one included. */
export interface Span {
  from: number;
  to: number;
}

export function pagesOf(span: Span): number[] {
  const first = Math.max(0, Math.floor(span.from / perPage));
  const last = Math.max(first, Math.floor(span.to / perPage));
  return Array.from({ length: last - first + 1 }, (_, n) => first + n);
}
