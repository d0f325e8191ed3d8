// What ending a client would do: accounts with ticks, requests, and the client's name to be typed.
import { Checkbox, Loader, TextInput } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { useId, useState } from "react";
import { api } from "../../api/client";
import type { OffboardingPlan, PlannedEnding } from "../../api/types";
import { useApp, useServices } from "../../lib/app";
import { usePlanOffboarding } from "../../lib/data";
import { fullDay } from "../../lib/dates";
import { toUiError } from "../../lib/errors";
import { fold } from "../../lib/fold";
import { offboardingLink } from "../../lib/links";
import { useSubmit } from "../../lib/useSubmit";
import { t } from "../../strings/en";
import { BackHead } from "../../ui/BackHead";
import { BusyButton } from "../../ui/BusyButton";
import { ErrorCard, ErrorLine } from "../../ui/ErrorCard";
import { PlatformTile } from "../../ui/PlatformTile";
import { CardBody, TitledCard } from "../../ui/TitledCard";
import { aboutItem } from "./EndedItem";
import classes from "./Offboarding.module.css";

export function EndClient({ id }: { id: string }) {
  const { online } = useApp();
  const ticks = useTicks(id);
  const { plan, error, again } = ticks;
  const failure = error && toUiError(error);
  return (
    <>
      <BackHead title={plan ? t.offboarding.planTitle(plan.client) : t.offboarding.yes} />
      {failure && (
        <ErrorCard
          title={t.errorTitle.details}
          message={online ? failure.message : t.offboarding.offline}
          reference={failure.reference}
          referenceWord={t.reference}
          again={{ word: t.tryAgain, do: again }}
        />
      )}
      {!failure && !plan && (
        <div className={classes.page} role="status" aria-label={t.loading}>
          <Loader />
        </div>
      )}
      {!failure && plan && <Plan id={id} plan={plan} ticks={ticks} />}
    </>
  );
}

interface Ticks {
  plan: OffboardingPlan | undefined;
  error: Error | null;
  again: () => void;
  isOn: (item: PlannedEnding) => boolean;
  toggle: (item: PlannedEnding) => void;
}

/** Which accounts end. At first all but those whose credential another computer has: that one can ask the platform. */
function useTicks(id: string): Ticks {
  const [changed, setChanged] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [left, setLeft] = useState<string[] | null>(null);
  const { data: plan, error, refetch } = usePlanOffboarding(id, left);
  const isOn = (item: PlannedEnding) => changed.get(item.id) ?? item.way !== "not_here";
  const toggle = (item: PlannedEnding) => {
    const next = new Map(changed).set(item.id, !isOn(item));
    setChanged(next);
    const off = (other: PlannedEnding) => !(next.get(other.id) ?? other.way !== "not_here");
    setLeft(plan?.items.filter(off).map((other) => other.id) ?? []);
  };
  return { plan, error: plan ? null : error, again: () => void refetch(), isOn, toggle };
}

function Plan({ id, plan, ticks }: { id: string; plan: OffboardingPlan; ticks: Ticks }) {
  const on = plan.items.filter(ticks.isOn);
  const nothing = plan.items.length === 0 && plan.links.every((link) => link.state !== "open");
  return (
    <>
      <div className={classes.page}>
        <div className="settings-col">
          <p className={`t2 ${classes.lead}`}>{nothing ? t.offboarding.nothing : t.offboarding.lead}</p>
          <Reports plan={plan} />
          <TitledCard
            title={t.offboarding.accounts}
            {...(plan.items.length > 0 && {
              end: <span className="t3 mid">{t.offboarding.ending(on.length, plan.items.length)}</span>,
            })}
          >
            {plan.items.length === 0 && (
              <CardBody>
                <p className="t2">{t.offboarding.none}</p>
              </CardBody>
            )}
            <ul>
              {plan.items.map((item) => (
                <Account key={item.id} item={item} on={ticks.isOn(item)} onToggle={() => ticks.toggle(item)} />
              ))}
            </ul>
          </TitledCard>
          <TitledCard title={t.offboarding.requests}>
            <ul>
              {plan.links.map((link) => (
                <li key={link.request} className="line low">
                  <span className="grow">{t.offboarding.requestOf(fullDay(link.created))}</span>
                  <span className="t2 mid">{t.offboarding[link.state === "open" ? "linkOpen" : "linkOver"]}</span>
                </li>
              ))}
            </ul>
          </TitledCard>
        </div>
      </div>
      {!nothing && <Confirm id={id} plan={plan} items={on.map((item) => item.id)} />}
    </>
  );
}

/** What has been ended of this client before, and what goes on. */
function Reports({ plan }: { plan: OffboardingPlan }) {
  if (plan.reports.length === 0) return null;
  return (
    <TitledCard title={t.offboarding.reports}>
      <ul>
        {plan.reports.map((report) => (
          <li key={report.id}>
            <Link className="line low" {...offboardingLink(report.id)}>
              <span className="grow">{t.offboarding.report(fullDay(report.started))}</span>
              <span className="t2 mid">
                {report.ended ? t.offboarding.goesOn(report.done, report.total) : t.offboarding.running}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </TitledCard>
  );
}

function Account({ item, on, onToggle }: { item: PlannedEnding; on: boolean; onToggle: () => void }) {
  const services = useServices();
  const way = useId();
  const platform = services.of(item.service).name;
  return (
    <li className={`line tall ${classes.account}`}>
      <Checkbox
        className={classes.check ?? ""}
        size="xs"
        checked={on}
        onChange={onToggle}
        aria-label={t.offboarding.tick(item.name)}
        aria-describedby={way}
      />
      <PlatformTile of={item.service} size={28} />
      <span className="two grow">
        <b>{item.name}</b>
        <span className="l2 num">{aboutItem(item, services)}</span>
      </span>
      <span id={way} className={`${classes.way} ${item.way === "asked" || !on ? "t2" : "wait"}`}>
        {on || item.way === "not_here" ? t.offboarding.way[item.way](platform) : t.offboarding.left}
        {on && item.kept_for.length > 0 && ` ${t.offboarding.usedBy(item.kept_for)}`}
      </span>
    </li>
  );
}

function Confirm({ id, plan, items }: { id: string; plan: OffboardingPlan; items: string[] }) {
  const navigate = useNavigate();
  const { online } = useApp();
  const [typed, setTyped] = useState("");
  const { submit, busy, error, reset } = useSubmit({
    call: () => api.startOffboarding({ request: id, typed, items }),
    onSuccess: (started) => navigate({ ...offboardingLink(started), replace: true }),
  });
  const links = plan.links.some((link) => link.state === "open");
  const possible = online && (items.length > 0 || links) && fold(typed.trim()) === fold(plan.client.trim());
  return (
    <form
      noValidate
      className={`bar ${classes.confirm}`}
      onSubmit={(e) => {
        e.preventDefault();
        if (possible) submit();
      }}
    >
      <TextInput
        className={classes.typed ?? ""}
        label={t.offboarding.type(plan.client)}
        value={typed}
        onChange={(e) => setTyped(e.currentTarget.value)}
      />
      <BusyButton type="submit" variant="danger-filled" busy={busy} disabled={!possible}>
        {t.offboarding.yes}
      </BusyButton>
      {error ? (
        <ErrorLine message={error.message} reference={error.reference} onClose={reset} closeWord={t.close} />
      ) : (
        <span className="t3 mid">{online ? t.offboarding.forever : t.offboarding.offline}</span>
      )}
    </form>
  );
}
