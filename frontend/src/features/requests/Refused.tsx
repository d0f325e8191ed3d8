// What the relay refused after it was saved here: the reason, and to try it once more or discard it.
import { Button } from "@mantine/core";
import { api } from "../../api/client";
import type { EntryRow } from "../../api/types";
import { t } from "../../strings/en";
import { useRequestActions } from "./actions";
import classes from "./Refused.module.css";

export function Refused({ entries }: { entries: EntryRow[] }) {
  const act = useRequestActions();
  return entries
    .filter((e) => e.refused > 0)
    .map((e) => (
      <div key={e.seq} className="problem" role="alert">
        <b>
          {t.details.refused}: {t.settings.kinds[e.kind] ?? e.kind}
        </b>
        <p className="t2 small">
          {e.message || t.errors[e.code] || t.errors.unexpected}
          {e.reference && ` · ${t.reference(e.reference)}`}
        </p>
        <div className={`row gap8 ${classes.buttons}`}>
          <Button
            size="xs"
            variant="filled"
            onClick={() => act.run(t.details.retry, () => api.retryEntry({ seq: e.seq }))}
          >
            {t.details.retry}
          </Button>
          <Button
            size="xs"
            variant="subtle"
            onClick={() => act.run(t.details.discard, () => api.discardEntry({ seq: e.seq }))}
          >
            {t.details.discard}
          </Button>
        </div>
      </div>
    ));
}
