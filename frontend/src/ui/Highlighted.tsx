import { findFolded } from "../lib/fold";

/** The letters of a text that were typed, marked. */
export function Highlighted({ text, typed }: { text: string; typed: string }) {
  const found = findFolded(text, typed);
  if (!found) return <>{text}</>;
  const [start, end] = found;
  return (
    <>
      {text.slice(0, start)}
      <mark>{text.slice(start, end)}</mark>
      {text.slice(end)}
    </>
  );
}
