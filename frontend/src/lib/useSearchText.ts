import { useDebouncedValue } from "@mantine/hooks";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { localSearchDebounce } from "./data";

/** Milliseconds after which the address follows. Browsers refuse more than about ten changes of it a second. */
const addressDebounce = 200;

export interface SearchText {
  /** What the field holds. */
  text: string;
  setText: (text: string) => void;
  /** What is searched for. */
  search: string;
  /** Writes the address now: for leaving the field. */
  flush: () => void;
}

/** A search field whose text is kept in the address: it follows the typing, and Back brings it back. */
export function useSearchText(address: string, write: (find: string | undefined) => void): SearchText {
  const [text, setText] = useState(address);
  const [search] = useDebouncedValue(text.trim(), localSearchDebounce);
  const [settled] = useDebouncedValue(text.trim(), addressDebounce);
  const written = useRef([address]); // what was written and has not arrived, the newest last
  const put = (find: string) => {
    if (find === written.current.at(-1)) return;
    written.current.push(find);
    write(find || undefined);
  };
  const settle = useEffectEvent(put);
  const arrive = useEffectEvent((find: string) => {
    const own = written.current.indexOf(find);
    written.current = own < 0 ? [find] : written.current.slice(own);
    if (own < 0) setText(find);
  });
  useEffect(() => settle(settled), [settled]);
  useEffect(() => arrive(address), [address]);
  return { text, setText, search, flush: () => put(text.trim()) };
}
