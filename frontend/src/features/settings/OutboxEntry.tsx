import { Button } from "@mantine/core";
import { api } from "../../api/client";
import type { EntryRow } from "../../api/types";
import { useApp } from "../../lib/app";
import { ago, clock, exact } from "../../lib/dates";
import { t } from "../../strings/en";
import { useRequestActions } from "../requests/actions";
import css from "./Settings.module.css";

/** A change that the relay does not have yet. */
export function OutboxEntry({ entry: e }: { entry: EntryRow }) {
  const { now } = useApp();
  const act = useRequestActions();
  const retry = () => act.run(t.details.retry, () => api.retryEntry({ seq: e.seq }));
  const discard = () => act.run(t.details.discard, () => api.discardEntry({ seq: e.seq }));
  return (
    <div className={css.entry}>
      <span className={`two ${css.grow}`}>
        <b>
          {t.settings.kinds[e.kind] ?? e.kind}
          {e.title && ` · ${e.title}`}
        </b>
        <span className={`l2${e.refused ? " fail" : ""}`} title={exact(e.created)}>
          {stateOf(e, now)}
        </span>
      </span>
      {e.refused > 0 && (
        <>
          <Button size="xs" onClick={retry}>
            {t.details.retry}
          </Button>
          <Button size="xs" variant="subtle" onClick={discard}>
            {t.details.discard}
          </Button>
        </>
      )}
    </div>
  );
}

function stateOf(e: EntryRow, now: number): string {
  if (e.refused) return e.message || t.errors[e.code] || t.details.refused;
  const held = e.code === "rate_limited" && e.not_before > now;
  return `${held ? t.phase.held(clock(e.not_before)) : t.details.waits} · ${ago(e.created, now)}`;
}
