// The end of a client while it goes on, and its report after that, to print or to keep as a file.
import { Button, Loader } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconDownload, IconPrinter } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { api } from "../../api/client";
import type { OffboardedDevice, OffboardedLink, Offboarding } from "../../api/types";
import { useApp } from "../../lib/app";
import { useOffboarding } from "../../lib/data";
import { exact, fullDay, soon } from "../../lib/dates";
import { toUiError } from "../../lib/errors";
import { links } from "../../lib/links";
import { t } from "../../strings/en";
import { BackHead } from "../../ui/BackHead";
import { ErrorCard } from "../../ui/ErrorCard";
import { CardBody, TitledCard } from "../../ui/TitledCard";
import { useRequestActions } from "../requests/actions";
import { EndedItem, problemText } from "./EndedItem";
import classes from "./Offboarding.module.css";

export function OffboardingScreen({ id }: { id: string }) {
  const { data, error, refetch } = useOffboarding(id);
  const failure = error && toUiError(error);
  return (
    <>
      <BackHead title={data ? t.offboarding.title(data.client) : t.offboarding.yes}>
        {data && data.ended > 0 && <KeepButtons ends={data} />}
      </BackHead>
      {failure && (
        <ErrorCard
          title={t.errorTitle.details}
          message={failure.message}
          reference={failure.reference}
          referenceWord={t.reference}
          again={{ word: t.tryAgain, do: () => void refetch() }}
        />
      )}
      {!failure && data && <Report ends={data} />}
    </>
  );
}

function KeepButtons({ ends }: { ends: Offboarding }) {
  const act = useRequestActions();
  const save = async () => {
    const path = await api.saveReport({ id: ends.id });
    if (path) notifications.show({ message: t.offboarding.saved(path) });
  };
  const icon = { size: 16, stroke: 1.75, "aria-hidden": true } as const;
  return (
    <>
      <Button leftSection={<IconDownload {...icon} />} onClick={() => act.run(t.offboarding.save, save)}>
        {t.offboarding.save}
      </Button>
      <Button
        variant="filled"
        leftSection={<IconPrinter {...icon} />}
        onClick={() => act.run(t.offboarding.print, () => api.print())}
      >
        {t.offboarding.print}
      </Button>
    </>
  );
}

function Report({ ends }: { ends: Offboarding }) {
  return (
    <div className={classes.page}>
      <div className="settings-col">
        {ends.ended > 0 ? <Summary ends={ends} /> : <Progress ends={ends} />}
        {ends.items.length > 0 && (
          <TitledCard title={t.offboarding.accounts}>
            <ul>
              {ends.items.map((item) => (
                <EndedItem key={item.id} ends={ends} item={item} />
              ))}
            </ul>
          </TitledCard>
        )}
        {ends.ended > 0 && <Devices ends={ends} />}
        <TitledCard title={t.offboarding.requests}>
          <ul>
            {ends.links.map((link) => (
              <RequestRow key={link.request} link={link} />
            ))}
          </ul>
        </TitledCard>
        {ends.ended > 0 && <Foot ends={ends} />}
      </div>
    </div>
  );
}

/** How the accesses ended, in one sentence, and who ended them when. */
function Summary({ ends }: { ends: Offboarding }) {
  const { facts } = t.offboarding;
  const rows: [string, string][] = [
    [facts.agency, ends.agency],
    [facts.by, ends.by],
    [facts.started, exact(ends.started)],
    [facts.ended, exact(ends.ended)],
  ];
  return (
    <div>
      <p className={classes.lead}>{sentenceOf(ends)}</p>
      <dl className={classes.facts}>
        {rows.map(([name, value]) => (
          <div key={name} className={classes.fact}>
            <dt className="t3">{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

export function sentenceOf(ends: Offboarding): string {
  const all = ends.items.length;
  const count = (...of: string[]) => ends.items.filter((item) => of.includes(item.outcome)).length;
  const gone = count("proven", "ended_before");
  if (all === 0) return t.offboarding.noAccounts;
  if (gone === all) return t.offboarding.all(all);
  const rest = (["remains", "nothing", "kept", "left", "unknown"] as const)
    .filter((outcome) => count(outcome) > 0)
    .map((outcome) => t.offboarding.count[outcome](count(outcome)));
  return [t.offboarding.some(gone, all), ...rest].join(" ");
}

/** How far it is, or why it does not go on. */
function Progress({ ends }: { ends: Offboarding }) {
  const { now } = useApp();
  const act = useRequestActions();
  const [done, total] = progressOf(ends);
  if (ends.problem.code !== "") {
    return (
      <div className="problem" role="alert">
        <b>{t.offboarding.problem}</b>
        <p className="t2">
          {problemText(ends.problem)} {ends.next_try > now && t.offboarding.again(soon(ends.next_try, now))}
        </p>
        <p className={`row gap12 ${classes.buttons}`}>
          <Button size="xs" onClick={() => act.run(t.tryAgain, () => api.retryOffboarding({ id: ends.id }))}>
            {t.tryAgain}
          </Button>
          <span className="t3 mid">{t.offboarding.goesOn(done, total)}</span>
        </p>
      </div>
    );
  }
  return (
    <p className={`row gap12 ${classes.status}`} role="status">
      <Loader size="sm" />
      <span>
        <b>{t.offboarding.goesOn(done, total)}.</b> <span className="t2">{t.offboarding.close}</span>
      </span>
    </p>
  );
}

/** How many links and accounts are done, of those that end. */
function progressOf({ links: requests, items }: Offboarding): [done: number, total: number] {
  const steps = [
    ...requests.filter((link) => link.state !== "over").map((link) => link.done > 0),
    ...items.filter((item) => item.outcome !== "left").map((item) => item.outcome !== ""),
  ];
  return [steps.filter(Boolean).length, steps.length];
}

function RequestRow({ link }: { link: OffboardedLink }) {
  const what = {
    open: t.offboarding.linkOpen,
    withdrawn: t.offboarding.withdrawn(exact(link.done)),
    over: t.offboarding.over,
    unknown: t.offboarding.linkUnknown,
    refused: t.offboarding.linkRefused,
  }[link.state];
  const history = t.offboarding[link.whole ? "history" : "historyNot"](link.length, link.code);
  return (
    <li className={`line ${classes.row}`}>
      <div className="grow">
        <b>{t.offboarding.requestOf(fullDay(link.created))}</b>
        <p className="t2 mid">
          {what} {link.length > 0 && <span className={classes.code}>{history}</span>}
        </p>
      </div>
    </li>
  );
}

function Devices({ ends }: { ends: Offboarding }) {
  const none = ends.own_devices ? t.offboarding.noOwnDevices(ends.by) : t.offboarding.noDevices;
  return (
    <TitledCard title={t.offboarding.credentials}>
      {(ends.own_devices || ends.devices.length === 0) && (
        <CardBody>
          {ends.devices.length === 0 && <p className="t2">{none}</p>}
          {ends.own_devices && <p className="t2">{t.offboarding.ownDevices}</p>}
        </CardBody>
      )}
      <ul>
        {ends.devices.map((d) => (
          <li key={d.id} className={`line ${classes.row}`}>
            <div className="grow">
              <b>{d.name}</b> <span className="t3 mid">{d.member}</span>
              <p className="t2 mid">{deviceText(d)}</p>
            </div>
          </li>
        ))}
      </ul>
    </TitledCard>
  );
}

function deviceText(d: OffboardedDevice): string {
  if (!d.erased) return t.offboarding.still;
  if (d.here) return t.offboarding.here;
  return d.seen > 0 ? `${t.offboarding.elsewhere} ${t.offboarding.seen(exact(d.seen))}` : t.offboarding.elsewhere;
}

function Foot({ ends }: { ends: Offboarding }) {
  const navigate = useNavigate();
  const act = useRequestActions();
  const remove = async () => {
    await api.deleteReport({ id: ends.id });
    await navigate(links.requests);
  };
  return (
    <p className={`row gap12 noprint ${classes.foot}`}>
      <span className="t3 mid">{t.offboarding.kept}</span>
      <button
        type="button"
        className="link mid"
        onClick={() => act.run(t.offboarding.del, remove, t.offboarding.deleted)}
      >
        {t.offboarding.del}
      </button>
    </p>
  );
}
