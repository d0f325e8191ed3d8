import { type KeyboardEvent, useMemo, useState } from "react";
import type { ListParams, RequestRow } from "../../api/types";
import { useApp } from "../../lib/app";
import type { PagedRows } from "../../lib/data";
import { dayOf } from "../../lib/dates";
import type { RequestsSearch } from "../../lib/search";
import { t } from "../../strings/en";
import { type Column, ListTable } from "../../ui/ListTable";
import { ActionsMenu, menuKeys } from "./ActionsMenu";
import { useRequestActions } from "./actions";
import { RecipientCell, ServiceCells, StatusCell } from "./RequestCells";
import classes from "./RequestsTable.module.css";

interface RequestsTableProps {
  at: RequestsSearch;
  params: ListParams;
  rows: PagedRows<RequestRow>;
  onChange: (part: RequestsSearch) => void;
  onOpen: (id: string) => void;
}

// Spare width of a wide window goes to Recipient, Client and Status, 3:2:2. A narrow one takes from all but the date,
// which is one line, and Actions, which stay in sight.
const widths = [
  "calc(clamp(180px, 264px - (1280px - 100vw) * 0.3, 264px) + max(0px, 100vw - 1280px) * 3 / 7)",
  "",
  "clamp(132px, 182px - (1280px - 100vw) * 0.18, 182px)",
  "calc(clamp(190px, 248px - (1280px - 100vw) * 0.2, 248px) + max(0px, 100vw - 1280px) * 2 / 7)",
  "112px",
  "118px",
];

/** What each column is sorted by; the date is the default. */
const sorts = { recipient: "recipient", client: "client", status: "status", date: "" };

export function RequestsTable({ at, params, rows, onChange, onOpen }: RequestsTableProps) {
  const { preferences } = useApp();
  const act = useRequestActions();
  const [menu, setMenu] = useState("");
  const columns = useColumns(menu, setMenu);
  const press = (e: KeyboardEvent, r: RequestRow) => {
    if (e.key === "." || e.key === "ContextMenu" || (e.key === "F10" && e.shiftKey)) {
      e.preventDefault();
      e.stopPropagation(); // an open menu takes a key outside of it as the wish to close it
      setMenu(r.id);
    } else {
      menuKeys(e, r, act, preferences.single_keys, () => setMenu(""));
    }
  };
  return (
    <ListTable
      caption={t.list.caption}
      of={params}
      total={rows.total}
      at={rows.at}
      onVisibleRange={rows.onVisibleRange}
      columns={columns}
      widths={widths}
      compact={preferences.compact}
      sorts={sorts}
      sort={params.sort}
      ascending={params.ascending}
      onSort={(sort, ascending) =>
        onChange({ sort: (sort || undefined) as RequestsSearch["sort"], order: ascending ? "asc" : undefined })
      }
      selected={at.open ?? ""}
      stale={rows.is === "stale"}
      onOpen={(r) => onOpen(r.id)}
      onContext={(r) => setMenu(r.id)}
      onKey={press}
    />
  );
}

/** The columns. The row named by menu shows its menu. */
function useColumns(menu: string, setMenu: (id: string) => void) {
  const { now, online } = useApp();
  return useMemo<Column<RequestRow>[]>(() => {
    const head = t.list.columns;
    return [
      {
        id: "recipient",
        header: () => head.recipient,
        cell: ({ row }) => <RecipientCell r={row.original} now={now} />,
      },
      {
        id: "client",
        header: () => head.client,
        cell: ({ row }) => (
          <span className="two">
            <b>{row.original.client}</b>
          </span>
        ),
      },
      { id: "services", header: () => head.services, cell: ({ row }) => <ServiceCells r={row.original} /> },
      {
        id: "status",
        header: () => head.status,
        cell: ({ row }) => <StatusCell r={row.original} now={now} online={online} />,
      },
      {
        id: "date",
        header: () => head.date,
        cell: ({ row }) => <span className="num t2 mid">{dayOf(row.original.created)}</span>,
      },
      {
        id: "actions",
        header: () => <span className="sr">{head.actions}</span>,
        cell: ({ row }) => (
          <span className={classes.actions}>
            <ActionsMenu
              r={row.original}
              opened={menu === row.id}
              onChange={(isOpen) => setMenu(isOpen ? row.id : "")}
            />
          </span>
        ),
      },
    ];
  }, [now, online, menu, setMenu]);
}
