import type { EntryRow } from "../../api/types";
import { useApp } from "../../lib/app";
import { isolate } from "../../lib/bidi";
import { ago, clock, exact } from "../../lib/dates";
import { whyRefused } from "../../lib/refusal";
import { t } from "../../strings/en";
import { RefusedActions } from "../requests/Refused";
import css from "./Settings.module.css";

/** A change that the relay does not have yet. */
export function OutboxEntry({ entry: e }: { entry: EntryRow }) {
  const { now } = useApp();
  return (
    <div className={css.entry}>
      <span className="two grow">
        <b>
          {t.settings.kinds[e.kind] ?? e.kind}
          {e.title && ` · ${isolate(e.title)}`}
        </b>
        <span className={`l2${e.refused ? " fail" : ""}`} title={exact(e.created)}>
          {stateOf(e, now)}
        </span>
      </span>
      {e.refused > 0 && <RefusedActions entry={e} />}
    </div>
  );
}

function stateOf(e: EntryRow, now: number): string {
  if (e.refused) return whyRefused(e);
  const held = e.code === "rate_limited" && e.not_before > now;
  return `${held ? t.phase.held(clock(e.not_before)) : t.details.waits} · ${ago(e.created, now)}`;
}
