// What the relay refused after it was kept here: the sentence, and to try it
// once more or let it go.
import { api } from "../../api/client";
import type { EntryRow } from "../../api/types";
import { w } from "../../strings/en";
import { useAct } from "./actions";

export function Refused({ entries }: { entries: EntryRow[] }) {
  const act = useAct();
  return entries
    .filter((e) => e.refused > 0)
    .map((e) => (
      <div key={e.seq} className="problem" role="alert">
        <b>
          {w.details.refused}: {w.settings.kinds[e.kind] ?? e.kind}
        </b>
        <p className="t2 small">
          {e.sentence || w.errors[e.code] || w.errors.unexpected}
          {e.reference && ` · ${w.reference(e.reference)}`}
        </p>
        <div className="row gap8" style={{ marginTop: 8 }}>
          <button
            type="button"
            className="btn small primary"
            onClick={() => act.run(w.details.retry, () => api.retryEntry({ seq: e.seq }))}
          >
            {w.details.retry}
          </button>
          <button
            type="button"
            className="btn small quiet"
            onClick={() => act.run(w.details.discard, () => api.discardEntry({ seq: e.seq }))}
          >
            {w.details.discard}
          </button>
        </div>
      </div>
    ));
}
