// One account in the end of a client: what became of it, how that is known, and what is left for whom.
import { Button, Loader } from "@mantine/core";
import { api } from "../../api/client";
import type { OffboardedOutcome } from "../../api/enums";
import type { OffboardedItem, Offboarding, Problem } from "../../api/types";
import { useServices } from "../../lib/app";
import { dotted } from "../../lib/bidi";
import { exact } from "../../lib/dates";
import { grouped } from "../../lib/request";
import type { Services } from "../../lib/services";
import { kindName, t } from "../../strings/en";
import { PlatformTile } from "../../ui/PlatformTile";
import { type Status, StatusPill } from "../../ui/StatusPill";
import { useRequestActions } from "../requests/actions";
import classes from "./Offboarding.module.css";

/** The service, what was shared, and the account's id: of what a client only named it is not known. */
export function aboutItem(item: OffboardedItem, services: Services): string {
  const account = item.account === item.name || item.account.startsWith("named:") ? "" : grouped(item.account);
  return dotted([services.of(item.service).name, kindName[item.kind], account]);
}

/** An error as it was stored: its sentence, or that of its code. */
export const problemText = (problem: Problem): string =>
  problem.message || t.errors[problem.code] || t.errors.unexpected || "";

const looks: Record<OffboardedOutcome, Status> = {
  proven: "connected",
  remains: "waiting",
  kept: "waiting",
  left: "skipped",
  ended_before: "expired",
  nothing: "skipped",
  unknown: "waiting",
};

export function EndedItem({ ends, item }: { ends: Offboarding; item: OffboardedItem }) {
  const services = useServices();
  return (
    <li className={`line ${classes.account}`}>
      <PlatformTile of={item.service} size={28} />
      <div className="grow">
        <span className="two">
          <b>{item.name}</b>
          <span className="l2 num">{aboutItem(item, services)}</span>
        </span>
        <Lines item={item} />
        {item.problem.code !== "" && ends.ended === 0 && <Trouble ends={ends} item={item} />}
      </div>
      <Outcome item={item} running={ends.ended === 0 && ends.problem.code === ""} />
    </li>
  );
}

function Outcome({ item, running }: { item: OffboardedItem; running: boolean }) {
  if (item.outcome) return <StatusPill of={looks[item.outcome]}>{t.offboarding.outcome[item.outcome]}</StatusPill>;
  if (item.problem.code !== "") return <StatusPill of="failed">{t.offboarding.waits}</StatusPill>;
  if (running && item.tried > 0) {
    return (
      <span className="row gap8 t2 mid nowrap">
        <Loader size="xs" />
        {t.offboarding.asking}
      </span>
    );
  }
  return <StatusPill of="pending">{t.offboarding.waits}</StatusPill>;
}

/** The sentences about an account, as the report has them. */
function linesOf(item: OffboardedItem, platform: string): string[] {
  const before =
    item.withdrawn > 0
      ? t.offboarding.withdrawnBefore(exact(item.withdrawn), exact(item.done), item.done_by)
      : item.done_by && t.offboarding.endedBefore(exact(item.done), item.done_by);
  switch (item.outcome) {
    case "":
    case "left":
      return [];
    case "ended_before":
      return [before, item.title, item.next];
    case "unknown":
      return [t.offboarding[item.half ? "half" : "unknown"](platform)];
    case "proven": {
      const code = item.asked?.code ? t.offboarding.answered(item.asked.code) : "";
      return [`${item.message} ${t.offboarding.confirmed(exact(item.done))} ${code}`, item.next];
    }
    default:
      return [before, item.message, item.kept_for.length > 0 ? t.offboarding.usedElse : "", item.next];
  }
}

function Lines({ item }: { item: OffboardedItem }) {
  const services = useServices();
  const lines = linesOf(item, services.of(item.service).name).filter((line) => line.trim() !== "");
  if (lines.length === 0) return null;
  return (
    <div className={`t2 mid ${classes.lines}`}>
      {lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
      {item.outcome === "kept" && item.kept_for.length > 0 && (
        <p className="noprint">{t.offboarding.usedBy(item.kept_for)}</p>
      )}
      {item.steps.length > 0 && (
        <ol className={classes.steps}>
          {item.steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      )}
      <ItemButtons item={item} />
    </div>
  );
}

/** A note to send to who ends what is left, and the platform's page for it. */
function ItemButtons({ item }: { item: OffboardedItem }) {
  const act = useRequestActions();
  const services = useServices();
  if (!item.note && !item.open) return null;
  const note = t.problem.fix.note(item.note_for);
  const open = t.ending.open(services.of(item.platform).name);
  return (
    <div className={`row gap8 noprint ${classes.buttons}`}>
      {item.note && (
        <Button
          size="xs"
          title={item.note}
          onClick={() => act.run(note, () => api.copy({ text: item.note }), t.problem.noteCopied)}
        >
          {note}
        </Button>
      )}
      {item.open && (
        <Button size="xs" variant="subtle" onClick={() => act.run(open, () => api.browse({ address: item.open }))}>
          {open}
        </Button>
      )}
    </div>
  );
}

/** Why it is not done yet, and the way out where the platform never ends it. */
function Trouble({ ends, item }: { ends: Offboarding; item: OffboardedItem }) {
  const act = useRequestActions();
  const services = useServices();
  const without = t.offboarding.without(services.of(item.service).name);
  return (
    <div className={`t2 mid ${classes.lines}`}>
      <p className="fail">{problemText(item.problem)}</p>
      {/* Once the platform has answered, only the relay is waited for. */}
      {!item.asked && (
        <div className={`row gap8 noprint ${classes.buttons}`}>
          <Button size="xs" onClick={() => act.run(without, () => api.offboardWithout({ id: ends.id, item: item.id }))}>
            {without}
          </Button>
          <span className="t3 mid">{t.offboarding.withoutHint}</span>
        </div>
      )}
    </div>
  );
}
