// What is wrong with an account: what, since when and the platform's code, who
// can fix it, what is next; then one button.
import { Popover } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { app, type ItemRow, type RequestForm, type Service } from "../bridge";
import { Spinner } from "../parts/basics";
import { useSay } from "../parts/toasts";
import { fullMoment } from "../state/dates";
import { platformName, w } from "../words/words";
import { useAct } from "./actions";
import { useRequest } from "./data";
import { go } from "./shell";

function facts(i: ItemRow): [string, string][] {
  const who = i.by && (i.who === "you" || i.who === "colleague") ? `${w.problem.whoIs[i.who]}; ${i.by} connected it` : w.problem.whoIs[i.who];
  const rows: [string, string][] = [[w.problem.since, i.since ? fullMoment(i.since) : "–"]];
  if (i.code) rows.push([w.problem.says(platformName[i.platform]), i.code]);
  rows.push([w.problem.who, who]);
  if (i.next) rows.push([w.problem.next, i.next]);
  return rows;
}

/** Begins a request to the same client for the service that is broken. */
function askAgain(i: ItemRow) {
  const draft: RequestForm = { id: "", client: i.client, message: "", services: [i.service], connection: "", business: "" };
  void app.keepDraft(draft).then(() => go({ at: "new" }));
}

function Buttons({ i }: { i: ItemRow }) {
  const act = useAct();
  const say = useSay();
  const [busy, setBusy] = useState(false);
  const support = [`${platformName[i.platform]}: ${i.name} (${i.account})`, ...facts(i).map(([k, v]) => `${k}: ${v}`), i.failure && `failure: ${i.failure}`, i.reference && `reference: ${i.reference}`].filter(Boolean).join("\n");
  const lost = i.failure === "share_removed" || i.failure === "credential_refused" || i.failure === "sign_in_ended" || i.state === "failed";
  return (
    <div className="row gap8" style={{ flexWrap: "wrap" }}>
      {lost && !i.managed && (
        <button type="button" className="btn small primary" onClick={() => askAgain(i)}>
          {w.problem.askAgain}
        </button>
      )}
      {i.state !== "failed" && (
        <button
          type="button"
          className={`btn small${lost ? "" : " primary"}`}
          aria-busy={busy}
          onClick={() => {
            if (busy) return;
            setBusy(true);
            act.run(w.problem.checkNow, () => app.checkNow([i.id]).finally(() => setBusy(false)), w.toast.checked);
          }}
        >
          {busy && <Spinner />}
          {w.problem.checkNow}
        </button>
      )}
      <button type="button" className="btn small quiet" onClick={() => void app.copy(support).then(() => say(w.copied))}>
        {w.problem.details}
      </button>
    </div>
  );
}

export function Problem({ i }: { i: ItemRow }) {
  return (
    <div className={`problem${i.attention ? "" : " wait"}`}>
      <b>{i.title || i.sentence || w.problem.someone}</b>
      {i.title && i.sentence && <p className="t2 small">{i.sentence}</p>}
      <dl>
        {facts(i).map(([k, v]) => (
          <Pair key={k} k={k} v={v} />
        ))}
      </dl>
      <Buttons i={i} />
    </div>
  );
}

function Pair({ k, v }: { k: string; v: string }) {
  return (
    <>
      <dt>{k}</dt>
      <dd>{v}</dd>
    </>
  );
}

/** The same beside the icon with the dot. */
export function ProblemPopover({ items, label, children }: { items: ItemRow[]; label: string; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-start" withArrow arrowSize={10} arrowOffset={14} offset={6} trapFocus returnFocus withinPortal>
      <Popover.Target>
        <button
          type="button"
          className="service"
          aria-label={label}
          onClick={(e) => {
            e.stopPropagation();
            setOpen((before) => !before);
          }}
        >
          {children}
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label={label} onClick={(e) => e.stopPropagation()} onKeyDown={(e) => e.stopPropagation()}>
        {items.map((i) => (
          <div key={i.id} className="pop">
            <h3>{i.title || i.sentence || w.problem.someone}</h3>
            <p className="t3 small">{i.name}</p>
            {i.title && i.sentence && <p className="t2 mid" style={{ marginTop: 6 }}>{i.sentence}</p>}
            <dl>
              {facts(i).map(([k, v]) => (
                <Pair key={k} k={k} v={v} />
              ))}
            </dl>
            <Buttons i={i} />
          </div>
        ))}
      </Popover.Dropdown>
    </Popover>
  );
}

/** For a row of requests, whose items are read when the dot is opened. */
export function ServiceProblem({ request, service, label, children }: { request: string; service: Service; label: string; children: ReactNode }) {
  const [asked, setAsked] = useState(false);
  const details = useRequest(asked ? request : "");
  const items = details.data?.items.filter((i) => i.service === service && i.attention) ?? [];
  return (
    <span onPointerEnter={() => setAsked(true)} onFocus={() => setAsked(true)} style={{ display: "inline-flex" }}>
      <ProblemPopover items={items} label={label}>
        {children}
      </ProblemPopover>
    </span>
  );
}
