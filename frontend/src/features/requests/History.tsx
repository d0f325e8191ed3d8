// Whether the history of a request is as it was recorded.
import { notifications } from "@mantine/notifications";
import { api } from "../../api/client";
import type { AuditFindingView, AuditView, RequestDetails } from "../../api/types";
import { useApp } from "../../lib/app";
import { useHistory, useRelay } from "../../lib/data";
import { exact } from "../../lib/dates";
import { t } from "../../strings/en";
import { StatusGlyph } from "../../ui/StatusPill";
import { useRequestActions } from "./actions";
import classes from "./History.module.css";

/** Verified with each visit, and when the request has changed. */
export function History({ d }: { d: RequestDetails }) {
  const { online } = useApp();
  const { data, isError, refetch } = useHistory(d.id, online && d.link !== "");
  if (isError && online) {
    return (
      <p className={`row gap8 small t3 ${classes.line}`}>
        {t.history.unread}
        <button type="button" className="link" onClick={() => void refetch()}>
          {t.tryAgain}
        </button>
      </p>
    );
  }
  return data ? <Found d={d} found={data} /> : null;
}

function Found({ d, found }: { d: RequestDetails; found: AuditView }) {
  const relay = useRelay().data;
  return (
    <div className={classes.line}>
      {!found.whole && (
        <div className={`problem ${classes.faults}`} role="alert">
          <b>{t.history.notWhole}</b>
          <ul>
            {found.findings.map((finding) => (
              <li key={finding.kind + finding.from}>{findingText(finding)}</li>
            ))}
          </ul>
          <p className="t2">{t.history.next(relay?.operator || t.preflight.runner, d.id)}</p>
        </div>
      )}
      <p className={`row gap8 small ${classes.result}`}>
        {found.whole && (
          <>
            <span className={`ok ${classes.glyph}`}>
              <StatusGlyph of="connected" size={14} />
            </span>
            <span className="t2">{t.history.whole(found.length)}</span>
          </>
        )}
        <span className="sp" />
        <Export d={d} />
      </p>
      {found.whole &&
        found.findings.map((finding) => (
          <p key={finding.kind} className="small t3">
            {findingText(finding)}
          </p>
        ))}
      <p className="small t3">
        {t.history.code} <span className={classes.code}>{found.code}</span>
      </p>
    </div>
  );
}

function Export({ d }: { d: RequestDetails }) {
  const act = useRequestActions();
  const save = async () => {
    const path = await api.exportHistory({ id: d.id });
    if (path) notifications.show({ message: t.history.exported(path) });
  };
  return (
    <button type="button" className="link" onClick={() => act.run(t.history.export, save)}>
      {t.history.export}
    </button>
  );
}

function findingText(f: AuditFindingView): string {
  switch (f.kind) {
    case "removed":
      return t.history.removed(f.from, f.to);
    case "changed":
      return t.history.changed(f.from);
    case "unsigned":
      return t.history.unsigned;
    case "rewritten":
      return t.history.rewritten(f.from, f.at ? exact(f.at) : "");
    case "resubmitted":
      return t.history.resubmitted(exact(f.at));
  }
}
