// Ending the agency's access to an account: what that does and what it cannot
// do, the question, and how it went.

import { Button, Loader, Menu } from "@mantine/core";
import { IconCopy, IconDots, IconListSearch, IconPlugConnectedX, IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { api } from "../../api/client";
import type { EndingResult, EndingView, ItemRow } from "../../api/types";
import { useApp, useServices } from "../../lib/app";
import { copyText } from "../../lib/clipboard";
import { fullMoment } from "../../lib/dates";
import { toUiError } from "../../lib/errors";
import { kindAt } from "../../lib/request";
import { t } from "../../strings/en";
import { DangerDialog } from "../../ui/DangerDialog";
import { Dialog } from "../../ui/Dialog";
import { useRequestActions } from "../requests/actions";
import classes from "./EndAccess.module.css";

/** What ending would do, before anybody decides. */
export function EndAccessDialog({ i, onYes, onClose }: { i: ItemRow; onYes: () => void; onClose: () => void }) {
  const { online } = useApp();
  const services = useServices();
  const plan = useQuery({ queryKey: ["ending", i.id], queryFn: () => api.planEnding({ id: i.id }), gcTime: 0 });
  return (
    <DangerDialog
      title={t.ending.title(i.name, kindAt(i, services))}
      words={t}
      yes={t.ending.yes}
      possible={plan.isSuccess}
      onYes={onYes}
      onClose={onClose}
    >
      {plan.isPending && <Loader />}
      {plan.isError && <p role="alert">{online ? toUiError(plan.error).message : t.ending.offline}</p>}
      {plan.isSuccess && <PlanText i={i} view={plan.data} />}
    </DangerDialog>
  );
}

function PlanText({ i, view }: { i: ItemRow; view: EndingView }) {
  const services = useServices();
  return (
    <>
      <ul className="dots t2">
        {view.ends.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      {view.stays.length > 0 && (
        <div className="problem wait">
          <b>{t.ending.stays}</b>
          {view.stays.map((line) => (
            <p key={line} className="t2 small">
              {line}
            </p>
          ))}
          {view.steps.length > 0 && (
            <ol className="steps t2 small">
              {view.steps.map((step) => (
                <li key={step}>{step}</li>
              ))}
            </ol>
          )}
          {view.open && (
            <button type="button" className="link small" onClick={() => void api.browse({ address: view.open })}>
              {t.ending.open(services.of(i.platform).name)}
            </button>
          )}
        </div>
      )}
      <p className="t3 mid">{t.ending.forever}</p>
    </>
  );
}

/** Asks before what a client has withdrawn ends without its platform. */
export function EndWithoutDialog({ i, onYes, onClose }: { i: ItemRow; onYes: () => void; onClose: () => void }) {
  const platform = useServices().of(i.platform).name;
  const words = t.ending.without;
  return (
    <DangerDialog title={words.title(i.name, platform)} words={t} yes={words.yes} onYes={onYes} onClose={onClose}>
      <ul className="dots t2">
        <li>{words.erased}</li>
        <li>{words.client(platform)}</li>
      </ul>
      <p className="t3 mid">{words.better}</p>
    </DangerDialog>
  );
}

/** While the platform is asked. */
export function EndingDialog({ i, onClose }: { i: ItemRow; onClose: () => void }) {
  const title = t.ending.title(i.name, kindAt(i, useServices()));
  return (
    <Dialog open title={title} closeWord={t.close} onClose={onClose} actions={null}>
      <p className="row gap8 t2" role="status">
        <Loader />
        {t.ending.running}
      </p>
    </Dialog>
  );
}

/** How it went, and what is left for whom. */
export function EndedDialog({ result, onClose }: { result: EndingResult; onClose: () => void }) {
  return (
    <Dialog
      open
      title={result.title}
      closeWord={t.close}
      onClose={onClose}
      actions={
        <>
          {result.note && <NoteButton note={result.note} name={result.note_for} />}
          <Button variant="filled" onClick={onClose} data-autofocus>
            {t.done}
          </Button>
        </>
      }
    >
      <p className="t2">{result.message}</p>
      {result.next && <p className="t2">{result.next}</p>}
      {result.queued && <p className="hint wait">{t.ending.queued}</p>}
    </Dialog>
  );
}

function NoteButton({ note, name }: { note: string; name: string }) {
  const act = useRequestActions();
  const label = t.problem.fix.note(name);
  return (
    <Button size="xs" title={note} onClick={() => act.run(label, () => api.copy({ text: note }), t.problem.noteCopied)}>
      {label}
    </Button>
  );
}

/** Of what a client only named and nobody had found: there was no access. */
const neverArrived = "never_arrived";

function endedText(i: ItemRow): string {
  const when = fullMoment(i.ended);
  if (i.failure === neverArrived)
    return i.withdrawn > 0 ? t.ending.neverWithdrawn(fullMoment(i.withdrawn)) : t.ending.never(when, i.ended_by);
  if (i.withdrawn > 0) return t.ending.withdrawn(fullMoment(i.withdrawn), when, i.ended_by);
  return i.proven ? t.ending.ended(when, i.ended_by) : t.ending.deleted(when, i.ended_by);
}

/** Below an account in its request: when its access was ended, by whom, and what is left. */
export function Ended({ i }: { i: ItemRow }) {
  return (
    <div className="gives in">
      <p>{endedText(i)}</p>
      {i.title && i.failure !== neverArrived && (
        <div className="problem wait">
          <b>{i.title}</b>
          {i.next && <p className="t2 small">{i.next}</p>}
          {i.note && (
            <div className={`row ${classes.note}`}>
              <NoteButton note={i.note} name={i.note_for} />
            </div>
          )}
        </div>
      )}
    </div>
  );
}

/** What can be done with one account of a request. */
export function ItemMenu({ i }: { i: ItemRow }) {
  const act = useRequestActions();
  const icon = { size: 17, stroke: 1.75, "aria-hidden": true } as const;
  if (!i.endable) return <span className="itemmenu" />;
  return (
    <Menu width={220} position="bottom-end" withinPortal>
      <Menu.Target>
        <button type="button" className="itemmenu" aria-label={t.accounts.actions(i.name)}>
          <IconDots size={16} stroke={1.75} aria-hidden="true" />
        </button>
      </Menu.Target>
      <Menu.Dropdown aria-label={t.actions.label}>
        <Menu.Item
          leftSection={<IconRefresh {...icon} />}
          onClick={() => act.run(t.problem.fix.check(), () => api.checkNow({ items: [i.id] }), t.toast.checked)}
        >
          {t.problem.fix.check()}
        </Menu.Item>
        {!i.named && (
          <Menu.Item leftSection={<IconCopy {...icon} />} onClick={() => void copyText(i.account)}>
            {t.accounts.copyId}
          </Menu.Item>
        )}
        <NamedItem i={i} />
        <EndAccessItem i={i} />
      </Menu.Dropdown>
    </Menu>
  );
}

/** Of what a client shares by hand: whether it has arrived, and which account it is. */
export function NamedItem({ i }: { i: ItemRow }) {
  const act = useRequestActions();
  const isOpen = i.service === "facebook" && i.request !== "" && (i.state === "waiting" || i.confirmed > 0);
  if (!isOpen || i.withdrawn > 0) return null;
  return (
    <Menu.Item
      leftSection={<IconListSearch size={17} stroke={1.75} aria-hidden="true" />}
      onClick={() => act.findNamed(i)}
    >
      {i.named ? t.named.find : t.named.has}
    </Menu.Item>
  );
}

export function EndAccessItem({ i }: { i: ItemRow }) {
  const act = useRequestActions();
  const services = useServices();
  if (!i.endable) return null;
  const icon = <IconPlugConnectedX size={17} stroke={1.75} aria-hidden="true" />;
  return (
    <>
      <Menu.Item className="danger" leftSection={icon} onClick={() => act.endAccess(i)}>
        {t.ending.menu}
      </Menu.Item>
      {i.withdrawn > 0 && (
        <Menu.Item className="danger" leftSection={icon} onClick={() => act.endWithout(i)}>
          {t.ending.without.menu(services.of(i.platform).name)}
        </Menu.Item>
      )}
    </>
  );
}
