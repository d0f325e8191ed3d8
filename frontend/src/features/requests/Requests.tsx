// Onboarding Requests: the totals that filter, the search, the table, and the
// details of one beside it.
import { Menu } from "@mantine/core";
import { IconChevronDown, IconCloudOff, IconInfoCircle, IconLink, IconSearch, IconUserPlus } from "@tabler/icons-react";
import { useCallback, useMemo, useState } from "react";
import type { Service, Sort } from "../../api/enums";
import type { ListParams, RequestRow, ServiceCell } from "../../api/types";
import { defaultListParams, localSearchDebounce, usePaused, useRequests, useTotals } from "../../lib/data";
import { ago, clock, dayOf } from "../../lib/dates";
import { toUiError } from "../../lib/errors";
import { recipientLines, secondLine } from "../../lib/request";
import { go, useApp, useTitle } from "../../lib/shell";
import { serviceName, t } from "../../strings/en";
import { services } from "../../strings/services";
import { Empty, Keys, SkeletonRows } from "../../ui/basics";
import { ErrorCard } from "../../ui/ErrorCard";
import { type Column, ListTable } from "../../ui/ListTable";
import { PlatformTile } from "../../ui/PlatformTile";
import { StatusPill } from "../../ui/StatusPill";
import { ActionsMenu, menuKeys, useRequestActions } from "./actions";
import { CollaborationHead } from "./Collaboration";
import { ServiceProblem } from "./Problem";
import { RequestDrawer } from "./RequestDrawer";
import { TotalsFilter } from "./Totals";

const spans = [0, 7, 30, 90] as const;
const spanWord: Record<number, string> = { 0: t.list.anyTime, 7: t.list.last7, 30: t.list.last30, 90: t.list.last90 };

export function Requests({ filter, open }: { filter: string; open: string }) {
  useTitle(t.tabs.requests);
  const { now, online, preferences, session } = useApp();
  const act = useRequestActions();
  const totals = useTotals();
  const [typed, setTyped] = useState("");
  const [service, setService] = useState<Service | "">("");
  const [span, setSpan] = useState(0);
  const [sort, setSort] = useState<{ by: Sort; ascending: boolean }>({ by: "", ascending: false });
  const [menu, setMenu] = useState("");
  const search = usePaused(typed.trim(), localSearchDebounce);
  const since = useMemo(
    () => (span === 0 ? 0 : new Date(new Date().setHours(0, 0, 0, 0)).getTime() - span * 86_400_000),
    [span],
  );
  const q: ListParams = useMemo(
    () => ({
      ...defaultListParams,
      filter: filter as ListParams["filter"],
      search,
      service,
      since,
      sort: sort.by,
      ascending: sort.ascending,
    }),
    [filter, search, service, since, sort],
  );
  const rows = useRequests(q);
  const show = useCallback(
    (id: string) => go({ at: "requests", filter, open: id }, id !== "" && open !== ""),
    [filter, open],
  );
  const narrowed = search !== "" || service !== "" || span !== 0;

  const columns = useMemo<Column<RequestRow>[]>(
    () => [
      {
        id: "recipient",
        header: () => t.list.columns.recipient,
        cell: ({ row }) => <RecipientCell r={row.original} now={now} />,
      },
      {
        id: "client",
        header: () => t.list.columns.client,
        cell: ({ row }) => (
          <span className="two">
            <b>{row.original.client}</b>
          </span>
        ),
      },
      { id: "services", header: () => t.list.columns.services, cell: ({ row }) => <ServiceCells r={row.original} /> },
      {
        id: "status",
        header: () => t.list.columns.status,
        cell: ({ row }) => <StatusCell r={row.original} now={now} online={online} />,
      },
      {
        id: "date",
        header: () => t.list.columns.date,
        cell: ({ row }) => <span className="num t2 mid">{dayOf(row.original.created)}</span>,
      },
      {
        id: "actions",
        header: () => <span className="sr">{t.list.columns.actions}</span>,
        cell: ({ row }) => (
          <span style={{ display: "flex", justifyContent: "flex-end" }}>
            <ActionsMenu
              r={row.original}
              opened={menu === row.id}
              onChange={(isOpen) => setMenu(isOpen ? row.id : "")}
            />
          </span>
        ),
      },
    ],
    [now, online, menu],
  );

  const nothingAtAll = totals.data !== undefined && totals.data.all === 0 && totals.data.archived === 0 && !narrowed;
  return (
    <>
      <CollaborationHead tab="requests" primary={!nothingAtAll} />
      <OfflineBand />
      {nothingAtAll ? (
        <div className="ground" style={{ display: "flex" }}>
          <Empty
            icon={<IconUserPlus size={24} stroke={1.75} />}
            title={t.list.empty.title}
            actions={
              <button type="button" className="btn primary" onClick={() => go({ at: "new" })}>
                {t.request}
              </button>
            }
          >
            {t.list.empty.text}
          </Empty>
        </div>
      ) : (
        <>
          <TotalsFilter
            totals={totals.data}
            filter={filter}
            onFilter={(f) => go({ at: "requests", filter: f, open: "" }, true)}
          />
          <div className="tools" role="search">
            <span className="input">
              <IconSearch size={15} stroke={1.75} aria-hidden="true" />
              <input
                data-search
                aria-label={t.list.search}
                placeholder={t.list.search}
                value={typed}
                onChange={(e) => setTyped(e.currentTarget.value)}
                onKeyDown={(e) => e.key === "Escape" && (typed ? setTyped("") : e.currentTarget.blur())}
              />
              {preferences.single_keys && <Keys keys={["/"]} />}
            </span>
            <Choice
              label={t.list.service}
              value={service ? serviceName[service] : t.list.any}
              options={[["", t.list.any], ...services.map((s) => [s, serviceName[s]] as const)]}
              onChoose={(s) => setService(s as Service | "")}
            />
            <Choice
              label={t.list.requested}
              value={spanWord[span] ?? ""}
              options={spans.map((n) => [String(n), spanWord[n] ?? ""] as const)}
              onChoose={(n) => setSpan(Number(n))}
            />
            {(filter === "expiring" || filter === "archived") && (
              <button
                type="button"
                className="chip"
                aria-pressed="true"
                onClick={() => go({ at: "requests", filter: "", open: "" }, true)}
              >
                {filter === "archived" ? t.list.archived : t.list.expiring} <b aria-hidden="true">×</b>
              </button>
            )}
            <span className="sp" />
            {filter !== "archived" && (totals.data?.archived ?? 0) > 0 && (
              <button
                type="button"
                className="link mid"
                onClick={() => go({ at: "requests", filter: "archived", open: "" })}
              >
                {t.list.showArchived(totals.data?.archived ?? 0)}
              </button>
            )}
            <span className="t3 mid num" role="status">
              {rows.is === "shown" ? t.list.count(rows.total) : ""}
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
          ) : rows.total === 0 ? (
            <Empty
              icon={<IconSearch size={24} stroke={1.75} />}
              title={
                search
                  ? t.list.noMatch(search)
                  : narrowed
                    ? t.list.emptyFilter[""]
                    : (t.list.emptyFilter[filter as keyof typeof t.list.emptyFilter] ?? t.list.emptyFilter[""])
              }
              actions={
                <button
                  type="button"
                  className="btn"
                  onClick={() => {
                    setTyped("");
                    setService("");
                    setSpan(0);
                    if (!narrowed) go({ at: "requests", filter: "", open: "" }, true);
                  }}
                >
                  {search ? t.list.clearSearch : t.list.clearFilter}
                </button>
              }
            />
          ) : (
            <ListTable
              caption={t.list.caption}
              of={q}
              total={rows.total}
              at={rows.at}
              onVisibleRange={rows.onVisibleRange}
              columns={columns}
              widths={[
                "calc(240px + max(0px, 100vw - 1280px) * 3 / 7)",
                "",
                "246px",
                "calc(228px + max(0px, 100vw - 1280px) * 2 / 7)",
                "100px",
                "118px",
              ]}
              compact={preferences.compact}
              sorts={{ recipient: "recipient", client: "client", status: "status", date: "" }}
              sort={sort.by}
              ascending={sort.ascending}
              onSort={(by, ascending) => setSort({ by: by as Sort, ascending })}
              selected={open}
              stale={rows.is === "stale"}
              onOpen={(r) => show(r.id)}
              onContext={(r) => setMenu(r.id)}
              onKey={(e, r) => {
                if (e.key === "." || e.key === "ContextMenu" || (e.key === "F10" && e.shiftKey)) {
                  e.preventDefault();
                  e.stopPropagation(); // the open menu takes a key outside of it for the wish to close
                  setMenu(r.id);
                } else {
                  menuKeys(e, r, act, preferences.single_keys, () => setMenu(""));
                }
              }}
            />
          )}
          <div className="foot">
            <span aria-hidden="true">
              <kbd>↑</kbd>
              <kbd>↓</kbd> {t.list.move}
            </span>
            <span aria-hidden="true">
              <kbd>Enter</kbd> {t.list.details}
            </span>
            <span aria-hidden="true">
              <kbd>.</kbd> {t.actions.label}
            </span>
            <span className="sp" />
            {!online && (
              <span>
                <IconInfoCircle size={14} stroke={1.75} aria-hidden="true" />
                {t.sync.keepWorking}
              </span>
            )}
            {online && session.read_until > 0 && (
              <span>
                {t.sync.upToDate} · {ago(session.read_until, now)}
              </span>
            )}
          </div>
        </>
      )}
      <RequestDrawer id={open} onClose={() => show("")} />
    </>
  );
}

/** How old what is shown is, while there is no network. */
export function OfflineBand() {
  const { online, session } = useApp();
  if (online || session.state !== "enrolled") return null;
  return (
    <div className="banner" role="status">
      <IconCloudOff size={17} stroke={1.75} aria-hidden="true" />
      {session.read_until ? t.sync.band(clock(session.read_until)) : t.sync.bandNever}
    </div>
  );
}

export function Choice({
  label,
  value,
  options,
  onChoose,
}: {
  label: string;
  value: string;
  options: readonly (readonly [string, string])[];
  onChoose: (key: string) => void;
}) {
  return (
    <Menu position="bottom-start" offset={4} width={200} withinPortal>
      <Menu.Target>
        <button type="button" className="chip">
          {label}: <b>{value}</b>
          <IconChevronDown size={14} stroke={1.75} aria-hidden="true" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {options.map(([key, word]) => (
          <Menu.Item key={key} onClick={() => onChoose(key)} role="menuitemradio" aria-checked={word === value}>
            {word}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function RecipientCell({ r, now }: { r: RequestRow; now: number }) {
  const lines = recipientLines(r, now);
  return (
    <div className="two">
      <span className="row">
        {r.link_only && (
          <IconLink size={15} stroke={1.75} aria-hidden="true" style={{ color: "var(--lk-text-3)", marginRight: 6 }} />
        )}
        <b>{lines.first}</b>
        {r.more_recipients > 0 && <span className="more">{t.list.more(r.more_recipients)}</span>}
      </span>
      {lines.second && <span className="l2">{lines.second}</span>}
    </div>
  );
}

function StatusCell({ r, now, online }: { r: RequestRow; now: number; online: boolean }) {
  const line = secondLine(r, online, now);
  return (
    <div className="statuscell" style={{ minWidth: 0 }}>
      <StatusPill of={r.status}>{r.status === "connected" ? t.connected : t.pending}</StatusPill>
      <div
        className={`l2 small trunc ${line.tone === "plain" ? "t3" : line.tone}`}
        style={{ marginTop: 2 }}
        title={line.text}
      >
        {line.text}
      </div>
    </div>
  );
}

function ServiceCells({ r }: { r: RequestRow }) {
  return (
    <div className={`services${r.services.length > 4 ? " many" : ""}`}>
      {r.services.map((cell) => (
        <OneService key={cell.service} r={r} cell={cell} size={r.services.length > 4 ? 22 : 24} />
      ))}
    </div>
  );
}

function OneService({ r, cell, size }: { r: RequestRow; cell: ServiceCell; size: number }) {
  const name = serviceName[cell.service];
  const badge = cell.attention ? "attention" : cell.waiting > 0 ? "waiting" : "none";
  const said =
    t.list.cell(name, cell.connected) +
    (badge === "attention" ? `, ${t.needsAttention}` : badge === "waiting" ? `, ${t.waiting}` : "");
  const inside = (
    <>
      <PlatformTile of={cell.service} size={size} badge={badge} />
      <span className="count" aria-hidden="true">
        {cell.connected > 0 ? cell.connected : "–"}
      </span>
    </>
  );
  if (cell.attention) {
    return (
      <ServiceProblem request={r.id} service={cell.service} label={t.list.showError(name, cell.connected)}>
        {inside}
      </ServiceProblem>
    );
  }
  return (
    <span
      className={`service${cell.connected === 0 && cell.waiting === 0 ? " off" : ""}`}
      title={cell.names.length > 0 ? `${name}: ${cell.names.join(", ")}` : name}
    >
      {inside}
      <span className="sr">{said}</span>
    </span>
  );
}
