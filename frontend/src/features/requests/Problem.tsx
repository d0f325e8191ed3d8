// What is wrong with an account: what, since when and the platform's code, who
// can fix it, what is next; then one button.

import { Popover } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { Fragment, type ReactNode, useState } from "react";
import { api } from "../../api/client";
import type { Service } from "../../api/enums";
import type { ItemRow, RequestForm } from "../../api/types";
import { useRequest } from "../../lib/data";
import { fullMoment } from "../../lib/dates";
import { blank, isExtra } from "../../lib/request";
import { go } from "../../lib/shell";
import { platformName, t } from "../../strings/en";
import { Spinner } from "../../ui/basics";
import { Gives } from "../accounts/Checks";
import { useRequestActions } from "./actions";

function facts(i: ItemRow): [string, string][] {
  const code = i.code || t.problem.noCode[i.failure] || "";
  const rows: [string, string][] = [[t.problem.since, i.since ? fullMoment(i.since) : "–"]];
  if (code) rows.push([t.problem.says(platformName[i.platform]), code]);
  rows.push([
    t.problem.who,
    i.by && !i.managed && !`${i.who} ${i.next}`.includes(i.by) ? t.problem.connectedBy(i.who, i.by) : i.who,
  ]);
  if (i.next) rows.push([t.problem.next, i.next]);
  return rows;
}

/** Begins a request to the same client for the service that is broken. */
function askAgain(i: ItemRow) {
  const draft: RequestForm = {
    ...blank,
    client: i.client,
    services: [i.service],
    kinds: isExtra(i.kind) ? [i.kind] : [],
  };
  void api.saveDraft(draft).then(() => go({ at: "new" }));
}

/** The one thing that helps, as a button. */
export function FixButton({ i, primary = false }: { i: ItemRow; primary?: boolean }) {
  const act = useRequestActions();
  const [busy, setBusy] = useState(false);
  const fix = i.fix === "" || (i.fix === "request" && i.managed) ? "check" : i.fix;
  const label = t.problem.fix[fix](i.note_for);
  const press = () => {
    switch (fix) {
      case "request":
        return askAgain(i);
      case "note":
        return act.run(label, () => api.copy({ text: i.note }), t.problem.noteCopied);
      case "users":
        return go({ at: "settings", tab: "facebook" });
      case "connect":
        return go({ at: "accounts", search: i.name, attention: false, connect: i.platform });
      case "open":
        return act.run(label, () => api.browse({ address: i.open }));
      case "check":
        if (busy) return;
        setBusy(true);
        act.run(label, () =>
          api
            .checkNow({ items: [i.id] })
            .finally(() => setBusy(false))
            .then(() => notifications.show({ message: t.toast.checked })),
        );
    }
  };
  return (
    <button
      type="button"
      className={`btn small${primary ? " primary" : ""}`}
      onClick={press}
      aria-busy={busy}
      title={fix === "note" ? i.note : undefined}
    >
      {busy && <Spinner />}
      {label}
    </button>
  );
}

function Buttons({ i }: { i: ItemRow }) {
  const act = useRequestActions();
  const [busy, setBusy] = useState(false);
  const support = [
    `${platformName[i.platform]}: ${i.name} (${i.account})`,
    i.title,
    i.message,
    ...facts(i).map(([k, v]) => `${k}: ${v}`),
    i.failure && `failure: ${i.failure}`,
    i.reference && `reference: ${i.reference}`,
  ]
    .filter(Boolean)
    .join("\n");
  return (
    <div className="row gap8" style={{ flexWrap: "wrap" }}>
      <FixButton i={i} primary />
      {i.state !== "failed" && i.fix !== "check" && (
        <button
          type="button"
          className="btn small"
          aria-busy={busy}
          onClick={() => {
            if (busy) return;
            setBusy(true);
            act.run(
              t.problem.fix.check(),
              () => api.checkNow({ items: [i.id] }).finally(() => setBusy(false)),
              t.toast.checked,
            );
          }}
        >
          {busy && <Spinner />}
          {t.problem.fix.check()}
        </button>
      )}
      <button
        type="button"
        className="btn small quiet"
        onClick={() => void api.copy({ text: support }).then(() => notifications.show({ message: t.copied }))}
      >
        {t.problem.details}
      </button>
    </div>
  );
}

export function Problem({ i }: { i: ItemRow }) {
  return (
    <div className={`problem${i.attention ? "" : " wait"}`}>
      <b>{i.title || i.message || t.problem.someone}</b>
      {i.title && i.message && <p className="t2 small">{i.message}</p>}
      <Facts i={i} />
      <Gives i={i} label={i.checks.length > 0 ? t.checks.title : ""} />
      <Buttons i={i} />
    </div>
  );
}

function Facts({ i }: { i: ItemRow }) {
  return (
    <dl>
      {facts(i).map(([k, v]) => (
        <Fragment key={k}>
          <dt>{k}</dt>
          <dd>{v}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

/** The same beside the icon with the dot. */
export function ProblemPopover({ items, label, children }: { items: ItemRow[]; label: string; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <Popover
      opened={open}
      onChange={setOpen}
      position="bottom-start"
      withArrow
      arrowSize={10}
      arrowOffset={14}
      offset={6}
      trapFocus
      returnFocus
      withinPortal
    >
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
            <h3>{i.title || i.message || t.problem.someone}</h3>
            <p className="t3 small">{i.name}</p>
            {i.title && i.message && (
              <p className="t2 mid" style={{ marginTop: 6 }}>
                {i.message}
              </p>
            )}
            <Facts i={i} />
            <Gives i={i} label={i.checks.length > 0 ? i.gives || t.checks.title : ""} />
            <Buttons i={i} />
          </div>
        ))}
      </Popover.Dropdown>
    </Popover>
  );
}

/** For a row of requests, whose items are read when the dot is opened. */
export function ServiceProblem({
  request,
  service,
  label,
  children,
}: {
  request: string;
  service: Service;
  label: string;
  children: ReactNode;
}) {
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
