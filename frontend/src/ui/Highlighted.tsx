/** The letters of a text that were typed, marked. */
export function Highlighted({ text, typed }: { text: string; typed: string }) {
  const word = typed.trim();
  const at = word === "" ? -1 : text.toLowerCase().indexOf(word.toLowerCase());
  if (at < 0) return <>{text}</>;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + word.length)}</mark>
      {text.slice(at + word.length)}
    </>
  );
}
