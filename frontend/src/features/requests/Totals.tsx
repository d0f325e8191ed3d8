import { IconCircleCheck, IconInbox } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { RequestFilter } from "../../api/enums";
import type { Totals as TotalsView } from "../../api/types";
import { t } from "../../strings/en";
import { StatusGlyph } from "../../ui/StatusPill";

const tiles = (of: TotalsView | undefined) =>
  [
    ["", t.totals.all, of?.all, ""],
    ["pending", t.totals.pending, of?.pending, of ? t.totals.expiring(of.expiring) : ""],
    ["connected", t.totals.connected, of?.connected, of ? t.totals.newly(of.newly_done) : ""],
    ["awaited", t.totals.awaited, of?.awaited, of ? t.totals.awaitedSome(of.awaited) : ""],
    [
      "attention",
      t.totals.attention,
      of?.attention,
      of
        ? of.broken_items
          ? t.totals.attentionItems(of.broken_items)
          : of.attention
            ? t.totals.attentionSome
            : t.totals.attentionNone
        : "",
    ],
  ] as const;

function Label({ filter, word, alarmed }: { filter: RequestFilter; word: string; alarmed: boolean }) {
  const size = 15;
  return (
    <span className="l">
      {filter === "" && <IconInbox size={size} stroke={1.75} aria-hidden="true" />}
      {filter === "pending" && <StatusGlyph of="pending" size={size} />}
      {filter === "connected" && <IconCircleCheck size={size} stroke={1.75} aria-hidden="true" />}
      {filter === "awaited" && <StatusGlyph of="waiting" size={size} />}
      {filter === "attention" &&
        (alarmed ? <i className="reddot" /> : <IconCircleCheck size={size} stroke={1.75} aria-hidden="true" />)}
      {word}
    </span>
  );
}

/** The numbers above the list: each is a filter of it. */
export function TotalsFilter({
  totals,
  filter,
  onFilter,
}: {
  totals: TotalsView | undefined;
  filter: string;
  onFilter: (filter: RequestFilter) => void;
}) {
  return (
    <div className="tiles" role="group" aria-label={t.totals.label}>
      {tiles(totals).map(([key, word, n, small]) => (
        <button
          key={key}
          type="button"
          className="tile"
          title={t.totals.hint[key]}
          aria-pressed={filter === key}
          onClick={() => onFilter(filter === key ? "" : key)}
        >
          <Label filter={key} word={word} alarmed={(n ?? 0) > 0} />
          <span className="n">
            {n?.toLocaleString("en-GB") ?? "–"} {small && <small>{small}</small>}
          </span>
        </button>
      ))}
    </div>
  );
}

/** The same on Home, as links into the list. */
export function TotalsLinks({ totals }: { totals: TotalsView | undefined }) {
  return (
    <nav aria-label={t.totals.label}>
      <h2 className="label">{t.tabs.requests}</h2>
      <div className="tiles">
        {tiles(totals).map(([key, word, n, small]) => (
          <Link
            key={key}
            className="tile"
            title={t.totals.hint[key]}
            to="/collaboration"
            search={{ show: key || undefined }}
          >
            <Label filter={key} word={word} alarmed={(n ?? 0) > 0} />
            <span className="n">
              {n?.toLocaleString("en-GB") ?? "–"} {small && <small>{small}</small>}
            </span>
          </Link>
        ))}
      </div>
    </nav>
  );
}
