// What was refused after it was saved here: the reason, and to write it anew, try it once more or discard it.
import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { api } from "../../api/client";
import type { EntryRow } from "../../api/types";
import { refusedBy, whereToEdit, whyRefused } from "../../lib/refusal";
import { t } from "../../strings/en";
import { useRequestActions } from "./actions";
import classes from "./Refused.module.css";

export function Refused({ entries }: { entries: EntryRow[] }) {
  return entries
    .filter((e) => e.refused > 0)
    .map((e) => (
      <div key={e.seq} className="problem" role="alert">
        <b>
          {refusedBy(e)}: {t.settings.kinds[e.kind] ?? e.kind}
        </b>
        <p className="t2 small">
          {whyRefused(e)}
          {e.reference && ` · ${t.reference(e.reference)}`}
        </p>
        <div className={`row gap8 ${classes.buttons}`}>
          <RefusedActions entry={e} main="filled" />
        </div>
      </div>
    ));
}

/** What can be done about a refused change. */
export function RefusedActions({ entry: e, main = "default" }: { entry: EntryRow; main?: "filled" | "default" }) {
  const act = useRequestActions();
  const navigate = useNavigate();
  const edit = whereToEdit(e);
  return (
    <>
      <Button size="xs" variant={main} onClick={() => act.run(t.details.retry, () => api.retryEntry({ seq: e.seq }))}>
        {t.details.retry}
      </Button>
      {edit && (
        <Button size="xs" onClick={() => navigate(edit)}>
          {t.details.edit}
        </Button>
      )}
      <Button
        size="xs"
        variant="subtle"
        onClick={() => act.run(t.details.discard, () => api.discardEntry({ seq: e.seq }))}
      >
        {t.details.discard}
      </Button>
    </>
  );
}
