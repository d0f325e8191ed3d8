// Everything the agency can use: what clients shared, and what it connected.

import { Menu } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import {
  IconAddressBook,
  IconChevronDown,
  IconCopy,
  IconDownload,
  IconInbox,
  IconRefresh,
  IconSearch,
  IconTrash,
} from "@tabler/icons-react";
import { useEffect, useMemo, useState } from "react";
import { api } from "../../api/client";
import type { Platform } from "../../api/enums";
import type { AccountsParams, ItemRow } from "../../api/types";
import { defaultAccountsParams, localSearchDebounce, useAccounts, usePaused, useTotals } from "../../lib/data";
import { soon } from "../../lib/dates";
import { toUiError } from "../../lib/errors";
import { accessOf, grouped, itemLook } from "../../lib/request";
import { go, useApp, useTitle } from "../../lib/shell";
import { kindName, platformName, t } from "../../strings/en";
import { platforms } from "../../strings/services";
import { Empty, Keys, SkeletonRows, Spinner } from "../../ui/basics";
import { ErrorCard } from "../../ui/ErrorCard";
import { KindIcon } from "../../ui/KindIcon";
import { type Column, ListTable } from "../../ui/ListTable";
import { PlatformTile } from "../../ui/PlatformTile";
import { StatusPill } from "../../ui/StatusPill";
import { ConnectAccount } from "../connections/ConnectAccount";
import { useRequestActions } from "../requests/actions";
import { ProblemPopover } from "../requests/Problem";
import { Choice, OfflineBand } from "../requests/Requests";
import { LastCheck } from "./Checks";
import { EndAccessItem } from "./EndAccess";

export function Accounts({ find, attention: first, connect }: { find: string; attention: boolean; connect: string }) {
  useTitle(t.accounts.title);
  const { now, preferences, session } = useApp();
  const act = useRequestActions();
  const totals = useTotals();
  const [typed, setTyped] = useState(find);
  const [platform, setPlatform] = useState<Platform | "">("");
  const [managed, setManaged] = useState<"" | "yes" | "no">("");
  const [attention, setAttention] = useState(first);
  const [sort, setSort] = useState<{ by: AccountsParams["sort"]; ascending: boolean }>({ by: "name", ascending: true });
  const [checking, setChecking] = useState(false);
  useEffect(() => setTyped(find), [find]);
  useEffect(() => setAttention(first), [first]);
  const search = usePaused(typed.trim(), localSearchDebounce);
  const q: AccountsParams = useMemo(
    () => ({
      ...defaultAccountsParams,
      search,
      platform,
      managed,
      attention,
      sort: sort.by,
      descending: !sort.ascending,
    }),
    [search, platform, managed, attention, sort],
  );
  const rows = useAccounts(q);
  const narrowed = search !== "" || platform !== "" || managed !== "" || attention;
  const broken = totals.data?.broken_items ?? 0;
  const nothing = totals.data?.accounts === 0 && !narrowed;
  const columns = useMemo<Column<ItemRow>[]>(
    () => [
      { id: "account", header: () => t.accounts.columns.account, cell: ({ row }) => <AccountCell i={row.original} /> },
      {
        id: "client",
        header: () => t.accounts.columns.client,
        cell: ({ row }) => (
          <span className="trunc" style={{ display: "block" }}>
            {row.original.client}
          </span>
        ),
      },
      {
        id: "managed",
        header: () => t.accounts.columns.managed,
        cell: ({ row }) => (
          <span className={`managed${row.original.managed ? " yes" : ""}`}>
            {row.original.managed ? t.accounts.yes : t.accounts.no}
          </span>
        ),
      },
      { id: "state", header: () => t.accounts.columns.state, cell: ({ row }) => <StatePill i={row.original} /> },
      {
        id: "access",
        header: () => t.accounts.columns.access,
        cell: ({ row }) => (
          <span className={`t2 mid ${preferences.compact ? "trunc block" : "clamp2"}`} title={accessOf(row.original)}>
            {accessOf(row.original)}
          </span>
        ),
      },
      { id: "check", header: () => t.accounts.columns.check, cell: ({ row }) => <CheckCell i={row.original} /> },
    ],
    [preferences.compact],
  );
  const soonest = totals.data?.next_check ?? 0;
  const check = () => {
    if (checking) return;
    setChecking(true);
    act.run(t.accounts.checkAll, () => api.checkNow({ items: [] }).finally(() => setChecking(false)), t.toast.checked);
  };
  const save = () =>
    act.run(t.accounts.export, async () => {
      const path = await api.exportAccounts(q);
      if (path) notifications.show({ message: t.toast.exported(path) });
    });
  return (
    <>
      <div className="head">
        <h1>{t.accounts.title}</h1>
        <span className="sp" />
        <button type="button" className="btn" onClick={check} aria-busy={checking} disabled={nothing}>
          {checking ? <Spinner /> : <IconRefresh size={16} stroke={1.75} aria-hidden="true" />}
          {t.accounts.checkAll}
        </button>
        <button type="button" className="btn" onClick={save} disabled={nothing}>
          <IconDownload size={16} stroke={1.75} aria-hidden="true" />
          {t.accounts.export}
        </button>
        <ConnectAccount
          first={platforms.find((p) => p === connect)}
          onDone={() => connect && go({ at: "accounts", search: find, attention: first }, true)}
        />
      </div>
      <p className="t2" style={{ padding: "2px 24px 14px", fontSize: 13.5 }}>
        {t.accounts.lead}
      </p>
      <OfflineBand />
      <div className="tools" role="search" style={{ paddingTop: 2 }}>
        <span className="input">
          <IconSearch size={15} stroke={1.75} aria-hidden="true" />
          <input
            data-search
            aria-label={t.accounts.search}
            placeholder={t.accounts.search}
            value={typed}
            onChange={(e) => setTyped(e.currentTarget.value)}
            onKeyDown={(e) => e.key === "Escape" && (typed ? setTyped("") : e.currentTarget.blur())}
          />
          {preferences.single_keys && <Keys keys={["/"]} />}
        </span>
        <Choice
          label={t.accounts.platform}
          value={platform ? platformName[platform] : t.list.any}
          options={[["", t.list.any], ...platforms.map((p) => [p, platformName[p]] as const)]}
          onChoose={(p) => setPlatform(p as Platform | "")}
        />
        <Choice
          label={t.accounts.managed}
          value={managed === "" ? t.accounts.yesNo : managed === "yes" ? t.accounts.yes : t.accounts.no}
          options={[
            ["", t.accounts.yesNo],
            ["yes", t.accounts.yes],
            ["no", t.accounts.no],
          ]}
          onChoose={(m) => setManaged(m as "" | "yes" | "no")}
        />
        {(broken > 0 || attention) && (
          <button type="button" className="chip" aria-pressed={attention} onClick={() => setAttention(!attention)}>
            <i className="reddot" />
            <b>{broken}</b> {t.accounts.needAttention(broken)}
          </button>
        )}
        <span className="sp" />
        <span className="t3 mid num" role="status">
          {rows.is === "shown" ? t.accounts.count(rows.total) : ""}
        </span>
      </div>
      {rows.is === "failed" ? (
        <ErrorCard
          title={t.errorTitle.list}
          sentence={toUiError(rows.error).sentence}
          reference={toUiError(rows.error).reference}
          referenceWord={t.reference}
          again={{ word: t.tryAgain, do: rows.refetch }}
        />
      ) : rows.is === "loading" ? (
        <div style={{ flex: 1, borderTop: "1px solid var(--lk-line)" }}>
          <SkeletonRows label={t.loading} />
        </div>
      ) : nothing ? (
        <Empty
          icon={<IconAddressBook size={24} stroke={1.75} />}
          title={t.accounts.empty.title}
          actions={
            <button type="button" className="btn primary" onClick={() => go({ at: "new" })}>
              {t.request}
            </button>
          }
        >
          {t.accounts.empty.text}
        </Empty>
      ) : rows.total === 0 ? (
        <Empty
          icon={<IconSearch size={24} stroke={1.75} />}
          title={search ? t.accounts.noMatch(search) : t.accounts.noFilter}
          actions={
            <button
              type="button"
              className="btn"
              onClick={() => {
                setTyped("");
                setPlatform("");
                setManaged("");
                setAttention(false);
              }}
            >
              {t.list.clearSearch}
            </button>
          }
        />
      ) : (
        <ListTable
          caption={t.accounts.caption}
          of={q}
          total={rows.total}
          at={rows.at}
          onVisibleRange={rows.onVisibleRange}
          columns={columns}
          widths={[
            "calc(286px + max(0px, 100vw - 1280px) * 3 / 7)",
            "",
            "92px",
            "158px",
            "calc(224px + max(0px, 100vw - 1280px) * 2 / 7)",
            "162px",
          ]}
          compact={preferences.compact}
          sorts={{ account: "name", client: "client", state: "state", check: "check" }}
          sort={sort.by}
          ascending={sort.ascending}
          onSort={(by, ascending) => setSort({ by: by as AccountsParams["sort"], ascending })}
          stale={rows.is === "stale"}
          onOpen={(i) => i.request && go({ at: "requests", filter: "", open: i.request })}
        />
      )}
      <div className="foot">
        <span>
          <span className="managed">{t.accounts.no}</span>&nbsp;{t.accounts.cameByRequest}
        </span>
        <span>
          <span className="managed yes">{t.accounts.yes}</span>&nbsp;{t.accounts.connectedBy(session.agency)}
        </span>
        <span className="sp" />
        {soonest > now && <span>{t.accounts.nextCheck(soon(soonest, now))}</span>}
      </div>
    </>
  );
}

function AccountCell({ i }: { i: ItemRow }) {
  const badge = i.attention ? "attention" : i.waiting ? "waiting" : "none";
  const tile = (
    <PlatformTile
      of={i.service}
      size={28}
      badge={badge}
      badgeWord={badge === "attention" ? t.needsAttention : badge === "waiting" ? t.waiting : ""}
    />
  );
  const detail = [kindName[i.kind], i.kind === "crm_account" && i.detail ? i.detail : grouped(i.account)].join(" · ");
  return (
    <div className="row" style={{ gap: 11 }}>
      {badge === "none" ? (
        <span className="service" title={platformName[i.platform]}>
          {tile}
          <span className="sr">{platformName[i.platform]}</span>
        </span>
      ) : (
        <ProblemPopover
          items={[i]}
          label={badge === "attention" ? t.accounts.showError(i.name) : t.accounts.showWaiting(i.name)}
        >
          {tile}
        </ProblemPopover>
      )}
      <div className="two">
        <b>{i.name}</b>
        <span className="l2 num">
          <KindIcon of={i.kind} size={14} /> {detail}
        </span>
      </div>
    </div>
  );
}

function StatePill({ i }: { i: ItemRow }) {
  switch (itemLook(i)) {
    case "failed":
    case "attention":
      return <StatusPill of="failed">{t.item.attention}</StatusPill>;
    case "waiting":
      return <StatusPill of="waiting">{t.item.waiting}</StatusPill>;
    case "sharing":
      return <StatusPill of="pending">{t.item.sharing}</StatusPill>;
    case "ended":
      return <StatusPill of="expired">{t.item.ended}</StatusPill>;
    case "connected":
      return <StatusPill of="connected">{t.item.connected}</StatusPill>;
  }
}

function CheckCell({ i }: { i: ItemRow }) {
  const act = useRequestActions();
  return (
    <span className="row" style={{ justifyContent: "space-between" }}>
      <LastCheck i={i} />
      <Menu width={220} position="bottom-end" withinPortal>
        <Menu.Target>
          <button
            type="button"
            className="actions-btn"
            style={{ padding: "0 5px" }}
            aria-label={t.accounts.actions(i.name)}
            onClick={(e) => e.stopPropagation()}
          >
            <IconChevronDown size={14} stroke={1.75} aria-hidden="true" />
          </button>
        </Menu.Target>
        <Menu.Dropdown aria-label={t.actions.label} onClick={(e) => e.stopPropagation()}>
          <Menu.Item
            leftSection={<IconRefresh size={17} stroke={1.75} aria-hidden="true" />}
            onClick={() => act.run(t.problem.fix.check(), () => api.checkNow({ items: [i.id] }), t.toast.checked)}
          >
            {t.problem.fix.check()}
          </Menu.Item>
          {i.request && (
            <Menu.Item
              leftSection={<IconInbox size={17} stroke={1.75} aria-hidden="true" />}
              onClick={() => go({ at: "requests", filter: "", open: i.request })}
            >
              {t.accounts.showRequest}
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={<IconCopy size={17} stroke={1.75} aria-hidden="true" />}
            onClick={() => void api.copy({ text: i.account }).then(() => notifications.show({ message: t.copied }))}
          >
            {t.accounts.copyId}
          </Menu.Item>
          <EndAccessItem i={i} />
          {i.managed && (
            <Menu.Item
              className="danger"
              leftSection={<IconTrash size={17} stroke={1.75} aria-hidden="true" />}
              onClick={() => act.run(t.own.remove, () => api.removeAccount({ id: i.id }), t.own.removed(i.name))}
            >
              {t.own.remove}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </span>
  );
}
