import { type Cell, type ColumnDef, type Row, tableFeatures } from "@tanstack/react-table";
import { type KeyboardEvent, memo } from "react";

export const features = tableFeatures({});
export type Column<T extends { id: string }> = ColumnDef<typeof features, T, unknown>;

export interface RowHandlers<T> {
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
  handlers: { current: RowHandlers<T> };
}

/** A row, drawn anew only when something of it is another: a list is rendered with each key that is typed beside it. */
export const MemoRow = memo(
  DrawnRow,
  (a, b) =>
    a.row.original === b.row.original &&
    a.n === b.n &&
    a.columns === b.columns &&
    a.current === b.current &&
    a.first === b.first,
) as typeof DrawnRow;

function DrawnRow<T extends { id: string }>({ row, n, current, first, handlers }: DrawnProps<T>) {
  const of = row.original;
  return (
    <tr
      data-row={of.id}
      aria-rowindex={n + 2}
      className={current ? "current" : ""}
      aria-current={current || undefined}
      tabIndex={first ? 0 : -1}
      onFocus={() => handlers.current.focus(of, n)}
      onClick={() => handlers.current.click(of, n)}
      onKeyDown={(e) => handlers.current.press(e, of, n)}
      onContextMenu={(e) => handlers.current.context(e, of, n)}
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
export function PlaceholderRow({ n, columns, height }: { n: number; columns: number; height: number }) {
  return (
    <tr aria-rowindex={n + 2} aria-hidden="true">
      <td colSpan={columns} style={{ height }}>
        <span className="skeleton" style={{ display: "block", width: 120 + ((n * 37) % 60) }} />
      </td>
    </tr>
  );
}

/** The rows above and below those in sight. */
export function Spacer({ height, columns }: { height: number; columns: number }) {
  if (height === 0) return null;
  return (
    <tr className="spacer" aria-hidden="true">
      <td colSpan={columns} style={{ height }} />
    </tr>
  );
}
