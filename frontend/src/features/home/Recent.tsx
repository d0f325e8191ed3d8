import { IconSend } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { EventRow } from "../../api/types";
import { useApp, useServices } from "../../lib/app";
import { recentEvents, useRecent } from "../../lib/data";
import { listed } from "../../lib/dates";
import { links, requestLink } from "../../lib/links";
import { eventText, eventTone } from "../../lib/request";
import { t } from "../../strings/en";
import { PlatformTile } from "../../ui/PlatformTile";
import { SkeletonRows } from "../../ui/SkeletonRows";
import { StatusGlyph } from "../../ui/StatusPill";
import classes from "./Home.module.css";

/** What happened last, with a link to its request. */
export function Recent() {
  const recent = useRecent(recentEvents);
  const { now } = useApp();
  const services = useServices();
  return (
    <section className="card" aria-labelledby="recent">
      <h2 id="recent">
        {t.home.recent}
        <Link {...links.requests}>{t.home.showAll}</Link>
      </h2>
      {recent.isPending && <SkeletonRows rows={4} label={t.loading} />}
      {recent.data?.length === 0 && <p className={`line mid t2 ${classes.none}`}>{t.home.recentNone}</p>}
      <ul>
        {recent.data?.map((e) => (
          <li key={e.id}>
            <Link className="line low" {...requestLink(e.request ?? "")}>
              <span className={classes.glyph}>
                <EventGlyph e={e} />
              </span>
              <span className="trunc grow">
                <b className={classes.strong}>{e.client}</b> <span className="t3">{eventText(e, services)}</span>
              </span>
              <time className="t3 small num nowrap" dateTime={new Date(e.at).toISOString()}>
                {listed(e.at, now)}
              </time>
            </Link>
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
  if (tone === "good")
    return (
      <span className="ok">
        <StatusGlyph of="connected" size={18} />
      </span>
    );
  if (tone === "bad")
    return (
      <span className="fail">
        <StatusGlyph of="failed" size={18} />
      </span>
    );
  if (e.kind === "sent" || e.kind === "saved")
    return <IconSend size={17} stroke={1.75} aria-hidden="true" className={classes.faint} />;
  return (
    <span className={classes.pending}>
      <StatusGlyph of="pending" size={17} />
    </span>
  );
}
