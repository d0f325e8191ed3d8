// A table of any length: rows are fetched as they are scrolled to, and only
// those in sight are drawn. One row is current; arrows move it.
import { type Cell, type ColumnDef, FlexRender, tableFeatures, useTable } from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { type KeyboardEvent, type MouseEvent, useCallback, useEffect, useRef, useState } from "react";

export const features = tableFeatures({});
export type Column<T extends { id: string }> = ColumnDef<typeof features, T, unknown>;

interface ListTableProps<T extends { id: string }> {
  caption: string;
  rows: T[];
  total: number;
  columns: Column<T>[];
  widths: string[];
  compact: boolean;
  /** Which columns sort, by their id; the value is what the list is sorted by. */
  sorts: Record<string, string>;
  sort: string;
  ascending: boolean;
  onSort: (sort: string, ascending: boolean) => void;
  more: (() => void) | undefined;
  onOpen?: (row: T) => void;
  onKey?: (e: KeyboardEvent, row: T) => void;
  onContext?: (row: T) => void;
  selected?: string;
  stale?: boolean;
}

export function ListTable<T extends { id: string }>(p: ListTableProps<T>) {
  const scroll = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState("");
  const height = p.compact ? 40 : 54;
  const table = useTable({ features, columns: p.columns, data: p.rows, getRowId: (row) => row.id });
  const rows = table.getRowModel().rows;
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroll.current, estimateSize: () => height, overscan: 8, getItemKey: (n) => rows[n]?.id ?? n });
  const drawn = virtual.getVirtualItems();
  const last = drawn.at(-1)?.index ?? 0;
  const more = p.more;
  useEffect(() => {
    if (more && last >= rows.length - 20) more();
  }, [last, rows.length, more]);
  useEffect(() => {
    virtual.measure();
  }, [height, virtual]);

  const index = Math.max(0, rows.findIndex((row) => row.id === (current || p.selected)));
  const focusRow = useCallback(
    (n: number) => {
      const row = rows[n];
      if (!row) return;
      setCurrent(row.id);
      virtual.scrollToIndex(n);
      requestAnimationFrame(() => scroll.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(row.id)}"]`)?.focus({ preventScroll: true }));
    },
    [rows, virtual],
  );
  const pressed = (e: KeyboardEvent<HTMLTableRowElement>, n: number) => {
    if (e.target !== e.currentTarget) return; // a button in the row has the focus
    const row = rows[n];
    if (!row) return;
    const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 400) / height) - 2);
    const moves: Record<string, number> = { ArrowDown: n + 1, ArrowUp: n - 1, Home: 0, End: rows.length - 1, PageDown: n + page, PageUp: n - page };
    const target = moves[e.key];
    if (target !== undefined) {
      e.preventDefault();
      focusRow(Math.min(rows.length - 1, Math.max(0, target)));
      return;
    }
    if (e.key === "Enter") {
      e.preventDefault();
      p.onOpen?.(row.original);
      return;
    }
    p.onKey?.(e, row.original);
  };

  // Arrow keys begin with the current row, also where a new screen put the focus.
  useEffect(() => {
    const key = (e: globalThis.KeyboardEvent) => {
      if (e.defaultPrevented || (e.key !== "ArrowDown" && e.key !== "ArrowUp") || (document.activeElement !== document.body && document.activeElement?.id !== "main")) return;
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
                  <th key={header.id} scope="col" aria-sort={on ? (p.ascending ? "ascending" : "descending") : undefined}>
                    {by === undefined ? (
                      <FlexRender header={header} />
                    ) : (
                      <button type="button" onClick={() => p.onSort(by, on ? !p.ascending : by !== "")}>
                        <FlexRender header={header} />
                        {on && (p.ascending ? <IconArrowUp size={13} stroke={1.75} aria-hidden="true" /> : <IconArrowDown size={13} stroke={1.75} aria-hidden="true" />)}
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
            const row = rows[item.index];
            if (!row) return null;
            const here = row.id === (current || p.selected);
            return (
              <tr
                key={row.id}
                data-row={row.id}
                aria-rowindex={item.index + 2}
                className={here ? "current" : ""}
                aria-current={here || undefined}
                tabIndex={item.index === index ? 0 : -1}
                onFocus={() => setCurrent(row.id)}
                onClick={() => {
                  setCurrent(row.id);
                  p.onOpen?.(row.original);
                }}
                onKeyDown={(e) => pressed(e, item.index)}
                onContextMenu={(e: MouseEvent) => {
                  if (!p.onContext) return;
                  e.preventDefault();
                  setCurrent(row.id);
                  p.onContext(row.original);
                }}
              >
                {row.getAllCells().map((cell) => (
                  <td key={cell.id}>
                    {drawCell(cell)}
                  </td>
                ))}
              </tr>
            );
          })}
          {after > 0 && <Spacer height={after} columns={p.widths.length} />}
        </tbody>
      </table>
    </div>
  );
}

// Called, not made an element of: a cell's menu stays open, and keeps the
// focus, when the columns are made anew.
function drawCell<T extends { id: string }>(cell: Cell<typeof features, T, unknown>) {
  const drawn = cell.column.columnDef.cell;
  return typeof drawn === "function" ? drawn(cell.getContext()) : drawn;
}

function Spacer({ height, columns }: { height: number; columns: number }) {
  return (
    <tr className="spacer" aria-hidden="true">
      <td colSpan={columns} style={{ height }} />
    </tr>
  );
}
