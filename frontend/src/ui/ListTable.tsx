// A table of any length: only the rows in sight are fetched and drawn, and the
// scrollbar leads anywhere. One row is current; arrows move it.
import { useTable } from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef } from "react";
import type { Span } from "../lib/listPages";
import { ListTableHead } from "./ListTableHead";
import { type Column, features, MemoRow, PlaceholderRow, type RowHandlers, Spacer } from "./ListTableRows";
import { type RowVirtualizer, useCurrentRow } from "./useCurrentRow";

export type { Column } from "./ListTableRows";

export interface ListTableProps<T extends { id: string }> {
  caption: string;
  /** What is listed; another list begins at its top. */
  of: unknown;
  total: number;
  /** A row, once it is there. */
  at: (n: number) => T | undefined;
  /** Called with the visible row range. */
  onVisibleRange: (span: Span) => void;
  columns: Column<T>[];
  widths: string[];
  compact: boolean;
  /** Which columns sort, by their id; the value is what the list is sorted by. */
  sorts: Record<string, string>;
  sort: string;
  ascending: boolean;
  onSort: (sort: string, ascending: boolean) => void;
  onOpen?: (row: T) => void;
  onKey?: (e: KeyboardEvent, row: T) => void;
  onContext?: (row: T) => void;
  selected?: string;
  stale?: boolean;
}

export function ListTable<T extends { id: string }>(p: ListTableProps<T>) {
  const scroll = useRef<HTMLDivElement>(null);
  const height = p.compact ? 40 : 54;
  const virtual = useVirtualizer({
    count: p.total,
    getScrollElement: () => scroll.current,
    estimateSize: () => height,
    overscan: 8,
  });
  useVisibleRange(virtual, p.onVisibleRange);
  useNewHeight(virtual, height);
  const row = useCurrentRow(p, virtual, scroll);
  const handlers = useHandlers(p, row, pageOf(scroll.current, height));
  const drawn = virtual.getVirtualItems();
  const data = drawn.flatMap(({ index }) => p.at(index) ?? []);
  const table = useTable({ features, columns: p.columns, data, getRowId: (of) => of.id });
  const made = new Map(table.getRowModel().rows.map((one) => [one.id, one]));
  const columns = p.widths.length;
  return (
    <div className="tblwrap" ref={scroll} aria-busy={p.stale || undefined} tabIndex={-1}>
      <table className={`tbl${p.compact ? " compact" : ""}`} aria-rowcount={p.total + 1}>
        <caption className="sr">{p.caption}</caption>
        <ListTableHead table={table} widths={p.widths} order={p} />
        <tbody>
          <Spacer height={drawn[0]?.start ?? 0} columns={columns} />
          {drawn.map(({ index }) => {
            const one = made.get(p.at(index)?.id ?? "");
            if (!one) return <PlaceholderRow key={index} n={index} columns={columns} height={height} />;
            return (
              <MemoRow
                key={one.id}
                row={one}
                n={index}
                columns={p.columns}
                current={one.id === row.id}
                first={index === row.index}
                handlers={handlers}
              />
            );
          })}
          <Spacer height={Math.max(0, virtual.getTotalSize() - (drawn.at(-1)?.end ?? 0))} columns={columns} />
        </tbody>
      </table>
    </div>
  );
}

function useVisibleRange(virtual: RowVirtualizer, onVisibleRange: (span: Span) => void) {
  const drawn = virtual.getVirtualItems();
  const from = drawn[0]?.index ?? 0;
  const to = drawn.at(-1)?.index ?? 0;
  useEffect(() => onVisibleRange({ from, to }), [onVisibleRange, from, to]);
}

/** Rows of another height are measured again. */
function useNewHeight(virtual: RowVirtualizer, height: number) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height is what has changed
  useEffect(() => {
    virtual.measure();
  }, [height, virtual]);
}

/** How many rows Page Down moves by. */
const pageOf = (scroll: HTMLElement | null, height: number): number =>
  Math.max(1, Math.floor((scroll?.clientHeight ?? 400) / height) - 2);

type CurrentRow = ReturnType<typeof useCurrentRow>;

/** A row does what the last rendering passed, without the row being drawn anew for it. */
function useHandlers<T extends { id: string }>(p: ListTableProps<T>, row: CurrentRow, page: number) {
  const handlers = useRef<RowHandlers<T>>(null as unknown as RowHandlers<T>);
  useLayoutEffect(() => {
    handlers.current = {
      focus: (of, n) => row.set(of.id, n),
      click: (of, n) => {
        row.set(of.id, n);
        p.onOpen?.(of);
      },
      press: (e, of, n) => {
        if (e.target !== e.currentTarget) return; // a button in the row has the focus
        const target = targetOf(e.key, n, page, p.total);
        if (target !== undefined) row.focus(target);
        else if (e.key === "Enter") p.onOpen?.(of);
        else return p.onKey?.(e, of);
        e.preventDefault();
      },
      context: (e, of, n) => {
        if (!p.onContext) return;
        e.preventDefault();
        row.set(of.id, n);
        p.onContext(of);
      },
    };
  });
  return handlers;
}

/** The row that a key leads to, if it leads to one. */
function targetOf(key: string, n: number, page: number, total: number): number | undefined {
  const moves: Record<string, number> = {
    ArrowDown: n + 1,
    ArrowUp: n - 1,
    Home: 0,
    End: total - 1,
    PageDown: n + page,
    PageUp: n - page,
  };
  const target = moves[key];
  return target === undefined ? undefined : Math.min(total - 1, Math.max(0, target));
}
