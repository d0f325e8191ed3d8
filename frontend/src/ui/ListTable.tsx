// A table of any length: only the rows in sight are fetched and drawn, and the
// scrollbar leads anywhere. One row is current; arrows move it.

import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { type Cell, type ColumnDef, FlexRender, type Row, tableFeatures, useTable } from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, memo, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Span } from "../lib/pages";

export const features = tableFeatures({});
export type Column<T extends { id: string }> = ColumnDef<typeof features, T, unknown>;

interface ListTableProps<T extends { id: string }> {
  caption: string;
  /** What is listed; another list begins at its top. */
  of: unknown;
  total: number;
  /** A row, once it is there. */
  at: (n: number) => T | undefined;
  /** Told which rows are in sight. */
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
  const [current, setCurrent] = useState({ id: "", n: 0 });
  const wanted = useRef(-1); // the row that gets the focus when it is there
  const height = p.compact ? 40 : 54;
  const total = p.total;
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => scroll.current,
    estimateSize: () => height,
    overscan: 8,
  });
  const drawn = virtual.getVirtualItems();
  const from = drawn[0]?.index ?? 0;
  const to = drawn.at(-1)?.index ?? 0;
  const onVisibleRange = p.onVisibleRange;
  useEffect(() => onVisibleRange({ from, to }), [onVisibleRange, from, to]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows of another height are measured again
  useEffect(() => {
    virtual.measure();
  }, [height, virtual]);
  const shown = useRef(p.of);
  useLayoutEffect(() => {
    if (shown.current === p.of) return;
    shown.current = p.of;
    wanted.current = -1;
    setCurrent({ id: "", n: 0 });
    virtual.scrollToOffset(0);
  }, [p.of, virtual]);

  const here = drawn.flatMap(({ index }) => p.at(index) ?? []);
  const table = useTable({ features, columns: p.columns, data: here, getRowId: (row) => row.id });
  const made = new Map(table.getRowModel().rows.map((row) => [row.id, row]));
  // The current row is found by what it is: others may have come before it.
  const id = current.id || p.selected || "";
  const index = drawn.find((item) => p.at(item.index)?.id === id)?.index ?? Math.min(current.n, Math.max(0, total - 1));
  const focusRow = useCallback(
    (n: number) => {
      wanted.current = n;
      setCurrent({ id: "", n });
      virtual.scrollToIndex(n);
    },
    [virtual],
  );
  useEffect(() => {
    if (wanted.current < 0) return;
    const row = p.at(wanted.current);
    const drawnRow = row && scroll.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(row.id)}"]`);
    if (!drawnRow) return; // it is on its way
    wanted.current = -1;
    drawnRow.focus({ preventScroll: true });
  });
  const pressed = (e: KeyboardEvent<HTMLTableRowElement>, row: T, n: number) => {
    if (e.target !== e.currentTarget) return; // a button in the row has the focus
    const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 400) / height) - 2);
    const moves: Record<string, number> = {
      ArrowDown: n + 1,
      ArrowUp: n - 1,
      Home: 0,
      End: total - 1,
      PageDown: n + page,
      PageUp: n - page,
    };
    const target = moves[e.key];
    if (target !== undefined) {
      e.preventDefault();
      focusRow(Math.min(total - 1, Math.max(0, target)));
      return;
    }
    if (e.key === "Enter") {
      e.preventDefault();
      p.onOpen?.(row);
      return;
    }
    p.onKey?.(e, row);
  };

  // What a row does is always what the last rendering says, without the row
  // being drawn anew for it.
  const hands = useRef<RowHandlers<T>>(null as unknown as RowHandlers<T>);
  useLayoutEffect(() => {
    hands.current = {
      focus: (row, n) => setCurrent({ id: row.id, n }),
      click: (row, n) => {
        setCurrent({ id: row.id, n });
        p.onOpen?.(row);
      },
      press: pressed,
      context: (e, row, n) => {
        if (!p.onContext) return;
        e.preventDefault();
        setCurrent({ id: row.id, n });
        p.onContext(row);
      },
    };
  });

  // Arrow keys begin with the current row, also where a new screen put the focus.
  useEffect(() => {
    const key = (e: globalThis.KeyboardEvent) => {
      if (
        e.defaultPrevented ||
        (e.key !== "ArrowDown" && e.key !== "ArrowUp") ||
        (document.activeElement !== document.body && document.activeElement?.id !== "main")
      )
        return;
      e.preventDefault();
      focusRow(index);
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, [focusRow, index]);

  const before = drawn[0]?.start ?? 0;
  const after = Math.max(0, virtual.getTotalSize() - (drawn.at(-1)?.end ?? 0));
  return (
    <div className="tblwrap" ref={scroll} aria-busy={p.stale || undefined} tabIndex={-1}>
      <table className={`tbl${p.compact ? " compact" : ""}`} aria-rowcount={p.total + 1}>
        <caption className="sr">{p.caption}</caption>
        <colgroup>
          {p.widths.map((width, n) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: columns never change places
            <col key={n} style={width === "" ? {} : { width }} />
          ))}
        </colgroup>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id} aria-rowindex={1}>
              {group.headers.map((header) => {
                const by = p.sorts[header.column.id];
                const on = by !== undefined && by === p.sort;
                return (
                  <th
                    key={header.id}
                    scope="col"
                    aria-sort={on ? (p.ascending ? "ascending" : "descending") : undefined}
                  >
                    {by === undefined ? (
                      <FlexRender header={header} />
                    ) : (
                      <button type="button" onClick={() => p.onSort(by, on ? !p.ascending : by !== "")}>
                        <FlexRender header={header} />
                        {on &&
                          (p.ascending ? (
                            <IconArrowUp size={13} stroke={1.75} aria-hidden="true" />
                          ) : (
                            <IconArrowDown size={13} stroke={1.75} aria-hidden="true" />
                          ))}
                      </button>
                    )}
                  </th>
                );
              })}
            </tr>
          ))}
        </thead>
        <tbody>
          {before > 0 && <Spacer height={before} columns={p.widths.length} />}
          {drawn.map((item) => {
            const of = p.at(item.index);
            const row = of && made.get(of.id);
            if (!row)
              return <PlaceholderRow key={item.index} n={item.index} columns={p.widths.length} height={height} />;
            return (
              <MemoRow
                key={row.id}
                row={row}
                n={item.index}
                columns={p.columns}
                current={row.id === id}
                first={item.index === index}
                hands={hands}
              />
            );
          })}
          {after > 0 && <Spacer height={after} columns={p.widths.length} />}
        </tbody>
      </table>
    </div>
  );
}

interface RowHandlers<T> {
  focus: (row: T, n: number) => void;
  click: (row: T, n: number) => void;
  press: (e: KeyboardEvent<HTMLTableRowElement>, row: T, n: number) => void;
  context: (e: { preventDefault: () => void }, row: T, n: number) => void;
}

interface DrawnProps<T extends { id: string }> {
  row: Row<typeof features, T>;
  n: number;
  columns: Column<T>[];
  current: boolean;
  /** Tab leads to this row. */
  first: boolean;
  hands: { current: RowHandlers<T> };
}

/** A row, drawn anew only when something of it is another: a list is rendered with each key that is typed beside it. */
const MemoRow = memo(
  DrawnRow,
  (a, b) =>
    a.row.original === b.row.original &&
    a.n === b.n &&
    a.columns === b.columns &&
    a.current === b.current &&
    a.first === b.first,
) as typeof DrawnRow;

function DrawnRow<T extends { id: string }>({ row, n, current, first, hands }: DrawnProps<T>) {
  const of = row.original;
  return (
    <tr
      data-row={of.id}
      aria-rowindex={n + 2}
      className={current ? "current" : ""}
      aria-current={current || undefined}
      tabIndex={first ? 0 : -1}
      onFocus={() => hands.current.focus(of, n)}
      onClick={() => hands.current.click(of, n)}
      onKeyDown={(e) => hands.current.press(e, of, n)}
      onContextMenu={(e) => hands.current.context(e, of, n)}
    >
      {row.getAllCells().map((cell) => (
        <td key={cell.id}>{drawCell(cell)}</td>
      ))}
    </tr>
  );
}

// Called, not made an element of: a cell's menu stays open, and keeps the
// focus, when the columns are made anew.
function drawCell<T extends { id: string }>(cell: Cell<typeof features, T, unknown>) {
  const drawn = cell.column.columnDef.cell;
  return typeof drawn === "function" ? drawn(cell.getContext()) : drawn;
}

/** A row that is being fetched keeps its place. */
function PlaceholderRow({ n, columns, height }: { n: number; columns: number; height: number }) {
  return (
    <tr aria-rowindex={n + 2} aria-hidden="true">
      <td colSpan={columns} style={{ height }}>
        <span className="skeleton" style={{ display: "block", width: 120 + ((n * 37) % 60) }} />
      </td>
    </tr>
  );
}

function Spacer({ height, columns }: { height: number; columns: number }) {
  return (
    <tr className="spacer" aria-hidden="true">
      <td colSpan={columns} style={{ height }} />
    </tr>
  );
}
