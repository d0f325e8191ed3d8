import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import type { AccountsParams, ItemRow } from "../../api/types";
import { useApp, useServices } from "../../lib/app";
import type { PagedRows } from "../../lib/data";
import { requestLink } from "../../lib/links";
import { accessOf } from "../../lib/request";
import type { AccountsSearch } from "../../lib/search";
import { t } from "../../strings/en";
import { type Column, ListTable } from "../../ui/ListTable";
import { AccountCell, CheckCell, StatePill } from "./AccountCells";

interface AccountsTableProps {
  params: AccountsParams;
  rows: PagedRows<ItemRow>;
  onChange: (part: AccountsSearch) => void;
}

const widths = [
  "calc(clamp(200px, 286px - (1280px - 100vw) * 0.3, 286px) + max(0px, 100vw - 1280px) * 3 / 7)",
  "",
  "clamp(80px, 92px - (1280px - 100vw) * 0.05, 92px)",
  "clamp(140px, 158px - (1280px - 100vw) * 0.07, 158px)",
  "calc(clamp(154px, 224px - (1280px - 100vw) * 0.25, 224px) + max(0px, 100vw - 1280px) * 2 / 7)",
  "clamp(130px, 162px - (1280px - 100vw) * 0.12, 162px)",
];

/** What each column is sorted by; the name is the default. */
const sorts = { account: "name", client: "client", state: "state", check: "check" };

export function AccountsTable({ params, rows, onChange }: AccountsTableProps) {
  const { compact } = useApp().preferences;
  const navigate = useNavigate();
  const columns = useColumns(compact);
  const sort = (by: string, ascending: boolean) =>
    onChange({
      sort: (by === "name" ? undefined : by) as AccountsSearch["sort"],
      order: ascending ? undefined : "desc",
    });
  return (
    <ListTable
      caption={t.accounts.caption}
      of={params}
      total={rows.total}
      at={rows.at}
      onVisibleRange={rows.onVisibleRange}
      columns={columns}
      widths={widths}
      compact={compact}
      sorts={sorts}
      sort={params.sort}
      ascending={!params.descending}
      onSort={sort}
      stale={rows.is === "stale"}
      onOpen={(i) => i.request && navigate(requestLink(i.request))}
    />
  );
}

function useColumns(compact: boolean) {
  return useMemo<Column<ItemRow>[]>(() => {
    const head = t.accounts.columns;
    return [
      { id: "account", header: () => head.account, cell: ({ row }) => <AccountCell i={row.original} /> },
      {
        id: "client",
        header: () => head.client,
        cell: ({ row }) => <span className="trunc block">{row.original.client}</span>,
      },
      { id: "managed", header: () => head.managed, cell: ({ row }) => <Managed i={row.original} /> },
      { id: "state", header: () => head.state, cell: ({ row }) => <StatePill i={row.original} /> },
      {
        id: "access",
        header: () => head.access,
        cell: ({ row }) => <Access i={row.original} compact={compact} />,
      },
      { id: "check", header: () => head.check, cell: ({ row }) => <CheckCell i={row.original} /> },
    ];
  }, [compact]);
}

function Managed({ i }: { i: ItemRow }) {
  return <span className={`managed${i.managed ? " yes" : ""}`}>{i.managed ? t.accounts.yes : t.accounts.no}</span>;
}

function Access({ i, compact }: { i: ItemRow; compact: boolean }) {
  const access = accessOf(i, useServices());
  return (
    <span className={`t2 mid ${compact ? "trunc block" : "clamp2"}`} title={access}>
      {access}
    </span>
  );
}
