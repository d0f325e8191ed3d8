// What is wrong with an account: what, since when and the platform's code, who can fix it, what is next; then one
// button.

import { Button, Popover } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { Fragment, type ReactNode, useState } from "react";
import { api } from "../../api/client";
import type { ItemRow, RequestForm, Service } from "../../api/types";
import { useApp, useServices } from "../../lib/app";
import { isolate } from "../../lib/bidi";
import { copyText } from "../../lib/clipboard";
import { useRequest } from "../../lib/data";
import { fullMoment } from "../../lib/dates";
import { links, signInLink } from "../../lib/links";
import { repairText } from "../../lib/repair";
import { blank, givesText, isExtra } from "../../lib/request";
import type { Services } from "../../lib/services";
import { t } from "../../strings/en";
import { BusyButton } from "../../ui/BusyButton";
import { Gives } from "../accounts/Checks";
import { useRequestActions } from "./actions";
import classes from "./Problem.module.css";

function facts(i: ItemRow, services: Services, now: number): [string, string][] {
  const found = t.problem.noCode[i.failure] ?? "";
  const rows: [string, string][] = [[t.problem.since, i.since ? fullMoment(i.since) : "–"]];
  if (i.code) rows.push([t.problem.says(services.of(i.platform).name), i.code]);
  else if (found) rows.push([t.problem.found, found]);
  rows.push([
    t.problem.who,
    i.by && i.by_client && !`${i.who} ${i.next}`.includes(i.by) ? t.problem.connectedBy(i.who, i.by) : i.who,
  ]);
  const repair = repairText(i.repair, now);
  if (repair) rows.push([t.repair.label, repair]);
  else if (i.next) rows.push([t.problem.next, i.next]);
  return rows;
}

/** Starts a request to the same client for the service that is broken. */
async function saveDraftFor(i: ItemRow) {
  const draft: RequestForm = {
    ...blank,
    client: i.client,
    services: [i.service],
    kinds: isExtra(i.kind) ? [i.kind] : [],
  };
  await api.saveDraft(draft);
}

/** Runs a check of one account; busy until it ends. */
function useCheck(i: ItemRow) {
  const act = useRequestActions();
  const [busy, setBusy] = useState(false);
  const check = () => {
    if (busy) return;
    setBusy(true);
    act.run(
      t.problem.fix.check(),
      () => api.checkNow({ items: [i.id] }).finally(() => setBusy(false)),
      t.toast.checked,
    );
  };
  return { busy, check };
}

interface FixProps {
  i: ItemRow;
  primary?: boolean;
  /** Called before a dialog opens: a popover would stand in front of it. */
  onDialog?: (() => void) | undefined;
}

/** The one thing that helps, as a button. */
export function FixButton({ i, primary = false, onDialog }: FixProps) {
  const navigate = useNavigate();
  const act = useRequestActions();
  const { busy, check } = useCheck(i);
  if (i.named) {
    const find = () => {
      onDialog?.();
      act.findNamed(i);
    };
    return (
      <Button size="xs" variant={primary ? "filled" : "default"} onClick={find}>
        {t.named.find}
      </Button>
    );
  }
  const fix = i.fix === "" || (i.fix === "request" && i.managed) ? "check" : i.fix;
  const label = t.problem.fix[fix](i.note_for);
  const press = {
    repair: () => {
      onDialog?.();
      act.repair(i);
    },
    request: () => void saveDraftFor(i).then(() => navigate({ ...links.newRequest, state: { again: i.request } })),
    note: () => act.run(label, () => api.copy({ text: i.note }), t.problem.noteCopied),
    users: () => navigate(signInLink),
    connect: () => navigate({ to: "/accounts", search: { find: i.name, connect: i.platform } }),
    open: () => act.run(label, () => api.browse({ address: i.open })),
    check,
  }[fix];
  return (
    <BusyButton
      size="xs"
      variant={primary ? "filled" : "default"}
      onClick={press}
      busy={busy}
      title={fix === "note" ? i.note : undefined}
    >
      {label}
    </BusyButton>
  );
}

/** What support needs. */
function detailsForSupport(i: ItemRow, services: Services, now: number): string {
  return [
    `${services.of(i.platform).name}: ${isolate(i.name)} (${isolate(i.account)})`,
    i.title,
    i.message,
    ...facts(i, services, now).map(([k, v]) => `${k}: ${v}`),
    i.failure && `failure: ${i.failure}`,
    i.reference && `reference: ${i.reference}`,
  ]
    .filter(Boolean)
    .join("\n");
}

function Buttons({ i, onDialog }: Omit<FixProps, "primary">) {
  const { busy, check } = useCheck(i);
  const services = useServices();
  const { now } = useApp();
  const copy = () => copyText(detailsForSupport(i, services, now));
  return (
    <div className={`row gap8 ${classes.buttons}`}>
      <FixButton i={i} primary onDialog={onDialog} />
      {i.state !== "failed" && i.fix !== "check" && (
        <BusyButton size="xs" busy={busy} onClick={check}>
          {t.problem.fix.check()}
        </BusyButton>
      )}
      <Button size="xs" variant="subtle" onClick={() => void copy()}>
        {t.problem.details}
      </Button>
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
  const services = useServices();
  const { now } = useApp();
  return (
    <dl>
      {facts(i, services, now).map(([k, v]) => (
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
            {i.title && i.message && <p className={`t2 mid ${classes.text}`}>{i.message}</p>}
            <Facts i={i} />
            <Gives i={i} label={i.checks.length > 0 ? givesText(i) || t.checks.title : ""} />
            <Buttons i={i} onDialog={() => setOpen(false)} />
          </div>
        ))}
      </Popover.Dropdown>
    </Popover>
  );
}

interface ServiceProblemProps {
  request: string;
  service: Service;
  label: string;
  children: ReactNode;
}

/** For a row of requests, whose items are read when the dot is opened. */
export function ServiceProblem({ request, service, label, children }: ServiceProblemProps) {
  const [asked, setAsked] = useState(false);
  const details = useRequest(asked ? request : "");
  const items = details.data?.items.filter((i) => i.service === service && i.attention) ?? [];
  return (
    <span onPointerEnter={() => setAsked(true)} onFocus={() => setAsked(true)} className={classes.inline}>
      <ProblemPopover items={items} label={label}>
        {children}
      </ProblemPopover>
    </span>
  );
}
