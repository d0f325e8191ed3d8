import {
  IconAlertTriangle,
  IconBrandFacebook,
  IconChevronRight,
  IconCircleCheck,
  IconDeviceLaptop,
  IconMailQuestion,
  IconMailX,
  IconPalette,
  IconSend,
} from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { api } from "../../api/client";
import type { Day, EventRow, RequestRow, Todo } from "../../api/types";
import {
  expiringRequests,
  recentEvents,
  useAgency,
  useConnections,
  useDays,
  useFirstRequests,
  useNeeds,
  useRecent,
  useRelay,
  useTotals,
} from "../../lib/data";
import { ago, dayOf, greeting, listed, longDay, shortDay, until, when } from "../../lib/dates";
import { eventText, eventTone, needLine } from "../../lib/request";
import { writeRoute } from "../../lib/route";
import { go, useApp, useTitle } from "../../lib/shell";
import { t } from "../../strings/en";
import { SkeletonRows } from "../../ui/basics";
import { PlatformTile } from "../../ui/PlatformTile";
import { StatusGlyph } from "../../ui/StatusPill";
import { useRequestActions } from "../requests/actions";
import { RequestButton } from "../requests/Collaboration";
import { FixButton } from "../requests/Problem";
import { OfflineBand } from "../requests/Requests";
import { TotalsLinks } from "../requests/Totals";

export function Home() {
  useTitle(t.nav.home);
  const { session, now } = useApp();
  const totals = useTotals();
  const first = session.member.split(" ")[0] ?? "";
  return (
    <>
      <div className="head spaced">
        <h1>{t.home.hello[greeting(now)](first)}</h1>
        <span className="t3" style={{ fontSize: 13.5, paddingTop: 3 }}>
          {longDay(now)}
        </span>
        <span className="sp" />
        <RequestButton />
      </div>
      <OfflineBand />
      <div className="ground">
        <TotalsLinks totals={totals.data} />
        <div className="home2">
          <div>
            {totals.data?.all === 0 && totals.data.accounts === 0 && <Begin />}
            <Needs empty={totals.data?.accounts === 0} />
            <Recent />
          </div>
          <div>
            <Chart />
            <Expiring />
          </div>
        </div>
      </div>
    </>
  );
}

/** On the first day: what there is to do, in the order that it helps. */
function Begin() {
  const { session } = useApp();
  const connections = useConnections();
  const agency = useAgency();
  const relay = useRelay();
  const facebook = relay.data?.platforms.find((p) => p.platform === "meta")?.offered !== false;
  const icon = { size: 17, stroke: 1.75, "aria-hidden": true } as const;
  const steps = [
    ...(facebook
      ? [
          {
            word: t.home.beginFacebook,
            text: t.home.beginFacebookText,
            icon: <IconBrandFacebook {...icon} />,
            done: (connections.data ?? []).some((c) => c.platform === "meta"),
            to: writeRoute({ at: "settings", tab: "facebook" }),
          },
        ]
      : []),
    ...(session.role === "main"
      ? [
          {
            word: t.home.beginBrand,
            text: t.home.beginBrandText,
            icon: <IconPalette {...icon} />,
            done: agency.data?.brand_on === true,
            to: writeRoute({ at: "brand" }),
          },
        ]
      : []),
    {
      word: t.home.beginRequest,
      text: t.home.beginRequestText,
      icon: <IconSend {...icon} />,
      done: false,
      to: writeRoute({ at: "new" }),
    },
  ];
  return (
    <section className="card" aria-labelledby="begin">
      <h2 id="begin">{t.home.begin}</h2>
      <ol>
        {steps.map((s) => (
          <li key={s.word}>
            <a className="line tall" href={s.to}>
              <span className={`icontile ${s.done ? "o" : "p"}`}>
                {s.done ? <IconCircleCheck {...icon} /> : s.icon}
              </span>
              <span className="two" style={{ flex: 1 }}>
                <b>
                  {s.word}
                  {s.done && <span className="sr">, {t.home.beginDone}</span>}
                </b>
                <span className="l2">{s.text}</span>
              </span>
              <IconChevronRight size={16} stroke={1.75} aria-hidden="true" style={{ color: "var(--lk-text-3)" }} />
            </a>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** So many needs stand on the page: the worst. */
const needsShown = 5;

function Needs({ empty }: { empty: boolean }) {
  const needs = useNeeds();
  const [all, setAll] = useState(false);
  const list = needs.data ?? [];
  const rest = list.length - needsShown;
  return (
    <section className="card" aria-labelledby="needs">
      <h2 id="needs">
        {t.home.needs}
        {list.length > 0 && <span className="count2">{list.length}</span>}
        {rest > 0 && (
          <button type="button" className="link" onClick={() => setAll(!all)} aria-expanded={all}>
            {all ? t.home.less : t.home.more(rest)}
          </button>
        )}
      </h2>
      {needs.isPending && <SkeletonRows rows={3} label={t.loading} />}
      {needs.data && list.length === 0 && (
        <p className="line mid t2" style={{ minHeight: 58 }}>
          <IconCircleCheck size={20} stroke={1.75} aria-hidden="true" style={{ color: "var(--lk-connected)" }} />
          {empty ? t.home.needsNothing : t.home.needsNone}
        </p>
      )}
      <ul>
        {list.slice(0, all ? list.length : needsShown).map((need) => (
          <NeedLine key={keyOf(need)} need={need} />
        ))}
      </ul>
    </section>
  );
}

/** What a need is about; no two of them have it in common. */
function keyOf(need: Todo): string {
  const of = need.item?.id ?? need.recipient?.id ?? need.entry?.seq ?? need.device?.id ?? need.lost?.id ?? need.user;
  return [need.kind, need.request, of].join("/");
}

function NeedLine({ need }: { need: Todo }) {
  const { now } = useApp();
  const act = useRequestActions();
  const open = () => go({ at: "requests", filter: "", open: need.request });
  const line = (picture: ReactNode, title: string, second: string, fix: ReactNode, show: () => void) => (
    <li className="line tall">
      {picture}
      <button type="button" className="two plain" style={{ flex: 1 }} onClick={show} title={`${title}\n${second}`}>
        <b>{title}</b>
        <span className="l2">{second}</span>
      </button>
      {fix}
    </li>
  );
  const button = (word: string, press: () => void) => (
    <button type="button" className="btn small" onClick={press}>
      {word}
    </button>
  );
  const tile = (badge: "attention" | "waiting") =>
    need.item && (
      <PlatformTile
        of={need.item.service}
        size={28}
        badge={badge}
        badgeWord={badge === "attention" ? t.needsAttention : t.waiting}
      />
    );
  const since = need.since ? when(need.since, now) : "";
  switch (need.kind) {
    case "item":
    case "waiting": {
      const i = need.item;
      if (!i) return null;
      const title = i.title || t.home[need.kind === "item" ? "broken" : "waits"](need.client, i.name);
      return line(
        tile(need.kind === "item" ? "attention" : "waiting"),
        title,
        needLine({ ...i, title }, since),
        <FixButton i={i} />,
        () => (need.request ? open() : go({ at: "accounts", search: i.name, attention: false })),
      );
    }
    case "user": {
      const users = () => go({ at: "settings", tab: "facebook" });
      return line(
        <span className="icontile w">
          <IconBrandFacebook size={17} stroke={1.75} aria-hidden="true" />
        </span>,
        t.home.userEnds(need.user, need.ends > now ? dayOf(need.ends) : ""),
        t.home.userEndsLine,
        button(t.problem.fix.users(), users),
        users,
      );
    }
    case "unseen":
      return line(
        <span className="icontile w">
          <IconMailQuestion size={17} stroke={1.75} aria-hidden="true" />
        </span>,
        t.home.unseen(need.recipient?.address ?? ""),
        t.home.unseenLine(need.client, since),
        button(t.home.anotherAddress, () => go({ at: "send", id: need.request })),
        open,
      );
    case "email":
      return line(
        <span className="icontile f">
          <IconMailX size={17} stroke={1.75} aria-hidden="true" />
        </span>,
        t.home.letterRefused(need.recipient?.address ?? ""),
        t.home.serverSays(need.client, need.recipient?.server_reply ?? ""),
        button(t.home.correctAddress, () => go({ at: "send", id: need.request })),
        open,
      );
    case "entry":
      return line(
        <span className="icontile f">
          <IconAlertTriangle size={17} stroke={1.75} aria-hidden="true" />
        </span>,
        t.home.entryRefused(need.client),
        need.entry?.message || t.errors[need.entry?.code ?? ""] || "",
        button(t.home.show, () => (need.request ? open() : go({ at: "settings", tab: "computer" }))),
        () => (need.request ? open() : go({ at: "settings", tab: "computer" })),
      );
    case "lost": {
      const l = need.lost;
      if (!l) return null;
      return line(
        <span className="icontile f">
          <IconAlertTriangle size={17} stroke={1.75} aria-hidden="true" />
        </span>,
        t.home.lost(l.name),
        t.home.lostLine,
        button(t.home.notNeeded, () => act.run(t.home.notNeededHint(l.name), () => api.dismissLost({ id: l.id }))),
        () => go(l.user ? { at: "settings", tab: "facebook" } : { at: "accounts", search: "", attention: false }),
      );
    }
    case "device": {
      const d = need.device;
      return line(
        <span className="icontile p">
          <IconDeviceLaptop size={17} stroke={1.75} aria-hidden="true" />
        </span>,
        t.home.deviceWaits(d?.name ?? "", d?.wants ?? 0),
        t.home.asked(ago(need.since, now)),
        button(t.home.compare, () => go({ at: "settings", tab: "team" })),
        () => go({ at: "settings", tab: "team" }),
      );
    }
  }
}

function Recent() {
  const recent = useRecent(recentEvents);
  const { now } = useApp();
  const list = recent.data ?? [];
  return (
    <section className="card" aria-labelledby="recent">
      <h2 id="recent">
        {t.home.recent}
        <a href={writeRoute({ at: "requests", filter: "", open: "" })}>{t.home.showAll}</a>
      </h2>
      {recent.isPending && <SkeletonRows rows={4} label={t.loading} />}
      {recent.data && list.length === 0 && (
        <p className="line mid t2" style={{ minHeight: 52 }}>
          {t.home.recentNone}
        </p>
      )}
      <ul>
        {list.map((e) => (
          <li key={e.id}>
            <a className="line low" href={writeRoute({ at: "requests", filter: "", open: e.request ?? "" })}>
              <span style={{ width: 24, flex: "none", display: "grid", placeItems: "center" }}>
                <EventGlyph e={e} />
              </span>
              <span className="trunc" style={{ flex: 1 }}>
                <b style={{ fontWeight: 550 }}>{e.client}</b> <span className="t3">{eventText(e)}</span>
              </span>
              <time className="t3 small num nowrap" dateTime={new Date(e.at).toISOString()}>
                {listed(e.at, now)}
              </time>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function EventGlyph({ e }: { e: EventRow }) {
  const tone = eventTone(e.kind);
  if (e.service && tone !== "bad")
    return <PlatformTile of={e.service} badge={e.kind === "item_waiting" ? "waiting" : "none"} />;
  switch (tone) {
    case "good":
      return (
        <span className="ok">
          <StatusGlyph of="connected" size={18} />
        </span>
      );
    case "bad":
      return (
        <span className="fail">
          <StatusGlyph of="failed" size={18} />
        </span>
      );
  }
  if (e.kind === "sent" || e.kind === "saved")
    return <IconSend size={17} stroke={1.75} aria-hidden="true" style={{ color: "var(--lk-text-3)" }} />;
  return (
    <span style={{ color: "var(--lk-pending)" }}>
      <StatusGlyph of="pending" size={17} />
    </span>
  );
}

function Expiring() {
  const { now } = useApp();
  const act = useRequestActions();
  const first = useFirstRequests(expiringRequests);
  const list = first.data ?? [];
  const resendable = list.filter((r) => r.can.resend);
  return (
    <section className="card" aria-labelledby="expiring">
      <h2 id="expiring">
        {t.home.expiring}
        {resendable.length > 0 && (
          <button
            type="button"
            className="link"
            onClick={() =>
              act.resendNow(
                t.actions.resend,
                resendable.map((r) => ({ id: r.id, to: [] })),
              )
            }
          >
            {t.home.resendAll(resendable.length)}
          </button>
        )}
      </h2>
      {first.data && list.length === 0 && (
        <p className="line mid t2" style={{ minHeight: 52 }}>
          {t.home.expiringNone}
        </p>
      )}
      <ul>
        {list.map((r) => (
          <li key={r.id}>
            <a className="line mid" href={writeRoute({ at: "requests", filter: "", open: r.id })}>
              <span className="two" style={{ flex: 1 }}>
                <b>{r.client}</b>
                <span className="l2">{expiringLine(r)}</span>
              </span>
              <span
                className={`mid nowrap ${r.expires - now < 86_400_000 ? "wait" : "t2"}`}
                style={{ fontWeight: 550 }}
              >
                {until(r.expires, now)}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function expiringLine(r: RequestRow): string {
  if (r.connected_count > 0) return t.home.partly(r.connected_count, r.asked);
  return r.opened ? t.home.openedNothing(shortDay(r.opened)) : t.home.notOpened;
}

/** What was asked and what was connected, added up day by day. */
function Chart() {
  const days = useDays();
  const list = days.data ?? [];
  const sent = list.reduce((n, d) => n + d.sent, 0);
  const connected = list.reduce((n, d) => n + d.connected, 0);
  return (
    <section className="card" aria-labelledby="chart">
      <h2 id="chart">{t.home.chart}</h2>
      <div style={{ padding: "2px 16px 12px" }}>
        {list.length > 1 && sent + connected > 0 ? (
          <>
            <Lines days={list} label={t.home.chartLabel(sent, connected)} />
            <p className="t2 mid" style={{ marginTop: 6 }}>
              {t.home.chartSentence(sent, connected)}
            </p>
          </>
        ) : (
          days.data && <p className="t2 mid">{t.home.chartNone}</p>
        )}
      </div>
    </section>
  );
}

function Lines({ days, label }: { days: Day[]; label: string }) {
  const width = 352;
  const height = 176;
  const plot = 250;
  const add = (of: (d: Day) => number) => {
    let n = 0;
    return days.map((d) => (n += of(d)));
  };
  const sent = add((d) => d.sent);
  const connected = add((d) => d.connected);
  const most = Math.max(1, ...sent, ...connected);
  const x = (n: number) => (n / Math.max(1, days.length - 1)) * plot;
  const y = (v: number) => 160 - (v / most) * 144;
  const steps = (line: number[]) => line.map((v, n) => (n === 0 ? `M0 ${y(v)}` : `H${x(n)}V${y(v)}`)).join("");
  const lastSent = sent.at(-1) ?? 0;
  const lastConnected = connected.at(-1) ?? 0;
  const ySent = y(lastSent);
  // The two labels never lie on each other.
  const yConnected = Math.max(y(lastConnected), ySent + 22);
  const firstDay = days[0];
  const midDay = days[Math.floor(days.length / 2)];
  return (
    <svg
      viewBox={`0 0 ${width} ${height + 16}`}
      style={{ fontSize: 12.5, width: "100%", maxWidth: 420, display: "block" }}
      role="img"
      aria-label={label}
    >
      <g stroke="var(--lk-line-2)">
        <path d={`M0 ${y(most)}H${plot}M0 ${y(most / 2)}H${plot}M0 160H${plot}`} />
      </g>
      <path d={`${steps(connected)}V160H0Z`} fill="var(--lk-primary-tint)" />
      <path d={steps(sent)} fill="none" stroke="var(--lk-strong)" strokeWidth="1.5" strokeDasharray="3 3" />
      <path d={steps(connected)} fill="none" stroke="var(--lk-primary)" strokeWidth="2" />
      <circle cx={plot} cy={ySent} r="3.5" fill="var(--lk-surface)" stroke="var(--lk-strong)" strokeWidth="1.5" />
      <circle cx={plot} cy={y(lastConnected)} r="4" fill="var(--lk-primary)" />
      <text x={plot + 12} y={ySent + 4} fill="var(--lk-text-2)">
        <tspan fontSize="15" fontWeight="650" fill="var(--lk-text)">
          {lastSent.toLocaleString("en-GB")}
        </tspan>{" "}
        {t.home.sent}
      </text>
      <text x={plot + 12} y={yConnected + 4} fill="var(--lk-primary)">
        <tspan fontSize="15" fontWeight="650">
          {lastConnected.toLocaleString("en-GB")}
        </tspan>{" "}
        {t.home.connected}
      </text>
      <g fill="var(--lk-text-3)">
        {firstDay && (
          <text x="0" y="182">
            {shortDay(firstDay.day)}
          </text>
        )}
        {midDay && (
          <text x={plot / 2} y="182" textAnchor="middle">
            {shortDay(midDay.day)}
          </text>
        )}
        <text x={plot} y="182" textAnchor="middle">
          {t.home.today}
        </text>
      </g>
    </svg>
  );
}
