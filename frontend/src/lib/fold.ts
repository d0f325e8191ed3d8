// How a text is searched for, as internal/collation does in Go: what one finds, the other finds.

const strokes: Record<string, string> = { æ: "ae", đ: "d", ð: "d", ħ: "h", ł: "l", œ: "oe", ø: "o", ς: "σ" };

// The marks of alphabets that are read without them, and what is not seen; not the voicing marks of kana.
const marks = /(?![\u3099\u309a])(?:(?=\p{Mn})[\p{sc=Inherited}\p{sc=Hebrew}\p{sc=Arabic}]|[\p{Cf}\p{DI}])/gu;

/** Makes texts equal that a search takes for the same: NFKC, full case folding, no accents and no strokes. */
export function fold(text: string): string {
  return (
    text
      .normalize("NFKD")
      .replace(marks, "")
      // Lower and upper case fold ẞ and ß to ss, and ı to i, as case folding does.
      .toLowerCase()
      .toUpperCase()
      .toLowerCase()
      .replace(/[æđðħłœøς]/g, (char) => strokes[char] ?? char)
      .normalize("NFC")
  );
}

/** The words of a search, folded. */
export const searchWords = (typed: string): string[] => fold(typed).split(/\s+/).filter(Boolean);

/** Whether every word of a search occurs in a text. */
export function matchesSearch(text: string, typed: string): boolean {
  const folded = fold(text);
  return searchWords(typed).every((word) => folded.includes(word));
}

/** Finds what was typed in a text: from which UTF-16 unit to which, whole characters; undefined: not there. */
export function findFolded(text: string, typed: string): [start: number, end: number] | undefined {
  const word = fold(typed.trim());
  if (word === "") return undefined;
  // Where each character of the text begins and ends, for each unit of its fold.
  const starts: number[] = [];
  const ends: number[] = [];
  let folded = "";
  for (const { segment, index } of new Intl.Segmenter("und").segment(text)) {
    const part = fold(segment);
    folded += part;
    for (let n = 0; n < part.length; n++) {
      starts.push(index);
      ends.push(index + segment.length);
    }
  }
  const at = folded.indexOf(word);
  const [start, end] = [starts[at], ends[at + word.length - 1]];
  return start === undefined || end === undefined ? undefined : [start, end];
}
