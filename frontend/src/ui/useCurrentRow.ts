import type { Virtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

export type RowVirtualizer = Virtualizer<HTMLDivElement, Element>;

interface List {
  of: unknown;
  total: number;
  at: (n: number) => { id: string } | undefined;
  selected?: string;
}

/** The row that arrow keys and Tab lead to. It gets the focus as soon as it is there. */
export function useCurrentRow(list: List, virtual: RowVirtualizer, scroll: RefObject<HTMLElement | null>) {
  const { of, total, at } = list;
  const [current, setCurrent] = useState({ id: "", n: 0 });
  const wanted = useRef(-1); // the row that gets the focus when it is there
  const shown = useRef(of);
  useLayoutEffect(() => {
    if (shown.current === of) return;
    shown.current = of;
    wanted.current = -1;
    setCurrent({ id: "", n: 0 });
    virtual.scrollToOffset(0);
  }, [of, virtual]);
  useEffect(() => {
    if (wanted.current < 0) return;
    const row = at(wanted.current);
    const drawn = row && scroll.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(row.id)}"]`);
    if (!drawn) return; // it is on its way
    wanted.current = -1;
    drawn.focus({ preventScroll: true });
  });
  const focus = useCallback(
    (n: number) => {
      wanted.current = n;
      setCurrent({ id: "", n });
      virtual.scrollToIndex(n);
    },
    [virtual],
  );
  // The current row is found by what it is: others may have come before it.
  const id = current.id || list.selected || "";
  const found = virtual.getVirtualItems().find((item) => at(item.index)?.id === id);
  const index = found?.index ?? Math.min(current.n, Math.max(0, total - 1));
  useArrowKeys(index, focus);
  return { id, index, focus, set: (row: string, n: number) => setCurrent({ id: row, n }) };
}

/** Arrow keys begin with the current row, also where a new screen put the focus. */
function useArrowKeys(index: number, focus: (n: number) => void) {
  useEffect(() => {
    const press = (e: KeyboardEvent) => {
      const nowhere = document.activeElement === document.body || document.activeElement?.id === "main";
      if (e.defaultPrevented || (e.key !== "ArrowDown" && e.key !== "ArrowUp") || !nowhere) return;
      e.preventDefault();
      focus(index);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [focus, index]);
}
