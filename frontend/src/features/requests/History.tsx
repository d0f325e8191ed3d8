// Whether the history of a request is as it was recorded.
import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import type { AuditFindingView, AuditView, Event, RequestDetails } from "../../api/types";
import { useApp, useServices } from "../../lib/app";
import { useHistory, useRelay } from "../../lib/data";
import { exact, whenExactly } from "../../lib/dates";
import { eventText } from "../../lib/request";
import { t } from "../../strings/en";
import { DangerDialog } from "../../ui/DangerDialog";
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
          {found.acceptable && <LostEvents events={found.lost} />}
          <p className="t2">{t.history.next(relay?.operator || t.preflight.runner, d.id)}</p>
          {found.acceptable && <Lost d={d} events={found.lost} />}
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

/** What a restored relay has lost; a main user can accept it. */
function Lost({ d, events }: { d: RequestDetails; events: Event[] }) {
  const { session } = useApp();
  const [open, setOpen] = useState(false);
  if (session.role !== "main") return null;
  return (
    <div>
      <Button size="xs" onClick={() => setOpen(true)}>
        {t.history.accept}
      </Button>
      {open && <AcceptDialog d={d} events={events} onClose={() => setOpen(false)} />}
    </div>
  );
}

/** How many entries are seen without scrolling. */
const lostShown = 6;

function LostEvents({ events }: { events: Event[] }) {
  const { now } = useApp();
  const services = useServices();
  if (events.length === 0) return <p className="t2">{t.history.lostUnknown}</p>;
  return (
    <>
      <p className="t2">{t.history.lost(events.length)}</p>
      {/* It can be long, and is read by the arrow keys, too. */}
      <ol className={classes.lost} tabIndex={events.length > lostShown ? 0 : undefined}>
        {events.map((e) => (
          <li key={e.id}>
            <span>{eventText(e, services)}</span>
            <time dateTime={new Date(e.at).toISOString()} title={exact(e.at)}>
              {whenExactly(e.at, now)}
            </time>
          </li>
        ))}
      </ol>
    </>
  );
}

function AcceptDialog({ d, events, onClose }: { d: RequestDetails; events: Event[]; onClose: () => void }) {
  const act = useRequestActions();
  const queries = useQueryClient();
  const accept = async () => queries.setQueryData(["request", d.id, "history"], await api.acceptHistory({ id: d.id }));
  return (
    <DangerDialog
      title={t.history.acceptTitle}
      words={t}
      yes={t.history.acceptYes}
      onYes={() => act.run(t.history.acceptTitle, accept, t.history.acceptDone)}
      onClose={onClose}
    >
      <p className="t2">{t.history.acceptText}</p>
      <LostEvents events={events} />
    </DangerDialog>
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
    case "accepted":
      return t.history.accepted(f.who, exact(f.at));
    case "resubmitted":
      return t.history.resubmitted(exact(f.at));
  }
}
