import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { FlexRender, type Header, type Table } from "@tanstack/react-table";
import type { features } from "./ListTableRows";

interface Order {
  /** Which columns sort, by their id; the value is what the list is sorted by. */
  sorts: Record<string, string>;
  sort: string;
  ascending: boolean;
  onSort: (sort: string, ascending: boolean) => void;
}

interface ListTableHeadProps<T extends { id: string }> {
  table: Table<typeof features, T>;
  widths: string[];
  order: Order;
}

export function ListTableHead<T extends { id: string }>({ table, widths, order }: ListTableHeadProps<T>) {
  return (
    <>
      <colgroup>
        {table.getAllLeafColumns().map((column, n) => (
          <col key={column.id} style={widths[n] ? { width: widths[n] } : {}} />
        ))}
      </colgroup>
      <thead>
        {table.getHeaderGroups().map((group) => (
          <tr key={group.id} aria-rowindex={1}>
            {group.headers.map((header) => (
              <ColumnHead key={header.id} header={header} order={order} />
            ))}
          </tr>
        ))}
      </thead>
    </>
  );
}

interface ColumnHeadProps<T extends { id: string }> {
  header: Header<typeof features, T, unknown>;
  order: Order;
}

function ColumnHead<T extends { id: string }>({ header, order }: ColumnHeadProps<T>) {
  const { sorts, sort, ascending, onSort } = order;
  const by = sorts[header.column.id];
  const on = by !== undefined && by === sort;
  const SortIcon = ascending ? IconArrowUp : IconArrowDown;
  return (
    <th scope="col" aria-sort={on ? (ascending ? "ascending" : "descending") : undefined}>
      {by === undefined ? (
        <FlexRender header={header} />
      ) : (
        <button type="button" onClick={() => onSort(by, on ? !ascending : by !== "")}>
          <FlexRender header={header} />
          {on && <SortIcon size={13} stroke={1.75} aria-hidden="true" />}
        </button>
      )}
    </th>
  );
}
