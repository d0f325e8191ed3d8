// Request onboarding, second step: to whom.
import { Button } from "@mantine/core";
import { IconCopy, IconLink, IconSend } from "@tabler/icons-react";
import { useLocation } from "@tanstack/react-router";
import { type RefObject, useMemo, useRef, useState } from "react";
import type { RequestDetails, RequestForm } from "../../api/types";
import { useApp } from "../../lib/app";
import { useBackToRequests } from "../../lib/backToRequests";
import { useRequest } from "../../lib/data";
import { fullDay } from "../../lib/dates";
import { toUiError } from "../../lib/errors";
import { failedAddresses } from "../../lib/recipients";
import { t } from "../../strings/en";
import { BusyButton } from "../../ui/BusyButton";
import { DangerDialog } from "../../ui/DangerDialog";
import { ErrorCard, ErrorLine } from "../../ui/ErrorCard";
import { StatusGlyph } from "../../ui/StatusPill";
import { AskedFor } from "./AskedFor";
import { useRequestActions } from "./actions";
import { MailBand } from "./MailBand";
import { type Checked, Preflight, useChecked } from "./Preflight";
import { RequestPreview } from "./Preview";
import { RecipientStatus } from "./RecipientStatus";
import { RecipientsField } from "./RecipientsField";
import { Reminders } from "./Reminders";
import { RequestHead } from "./RequestHead";
import classes from "./SendRequest.module.css";
import { type FirstRecipients, type Recipients, useRecipients } from "./useRecipients";

export function SendRequest({ id }: { id: string }) {
  const { data, error, refetch } = useRequest(id);
  const failure = error && toUiError(error);
  const first = useFirstRecipients();
  return (
    <>
      <RequestHead step={2} title={data ? t.form.sendTitle(data.client) : t.form.title} />
      {failure ? (
        <ErrorCard
          title={t.errorTitle.details}
          message={failure.message}
          reference={failure.reference}
          referenceWord={t.reference}
          again={{ word: t.tryAgain, do: () => void refetch() }}
        />
      ) : (
        data && first && <SendForm d={data} first={first} />
      )}
    </>
  );
}

/** Whom the list of recipients begins with: those to be corrected, or those of a request that is asked again. */
function useFirstRecipients(): FirstRecipients | null {
  const { again = "", correct = [], to = correct } = useLocation({ select: ({ state }) => state });
  const earlier = useRequest(again);
  if (again === "" || earlier.isError) return { addresses: to, failed: correct };
  if (!earlier.data) return null;
  const wanted = earlier.data.recipients.filter((to) => to.state !== "stopped");
  return { addresses: wanted.map((to) => to.address), failed: failedAddresses(earlier.data) };
}

interface SendFormProps {
  d: RequestDetails;
  first: FirstRecipients;
}

function SendForm({ d, first }: SendFormProps) {
  const back = useBackToRequests();
  const checked = useChecked(d);
  const input = useRef<HTMLInputElement>(null);
  const list = useRecipients(d, first, () => input.current?.focus());
  const [unsent, setUnsent] = useState<string[]>([]);
  const leave = async () => {
    const typed = list.sending ? [] : await list.unsent(); // what is being sent is not left behind
    if (typed.length > 0) setUnsent(typed);
    else back();
  };
  return (
    <>
      <div className="split">
        <div className="form">
          <Saved d={d} />
          <MailBand />
          <Preflight d={d} checked={checked} />
          <SendByEmail d={d} list={list} input={input} checked={checked} />
          {d.recipients.length > 0 && <SentTo d={d} />}
          <Reminders d={d} />
          <div className="rule">{t.form.orShare}</div>
          <ShareLink d={d} checked={checked} />
          <hr className="hr" />
          <AskedFor d={d} />
        </div>
        <SendPreview d={d} />
      </div>
      <div className="bar">
        <span className="t3 mid">{t.form.later}</span>
        <span className="sp" />
        <Button onClick={() => void leave()}>{t.done}</Button>
      </div>
      {unsent.length > 0 && (
        <DangerDialog title={t.form.leaveTitle} words={t} yes={t.form.leave} onYes={back} onClose={() => setUnsent([])}>
          <p>{t.form.leaveText(unsent)}</p>
        </DangerDialog>
      )}
    </>
  );
}

/** Whether the relay has the request yet; after saving it also that it is saved. */
function Saved({ d }: { d: RequestDetails }) {
  const { online } = useApp();
  const justSaved = useLocation({ select: ({ state }) => state.saved });
  const hasLink = d.link !== "";
  const next = hasLink ? t.form.savedUntil(fullDay(d.expires)) : online ? t.form.savedSoon : t.form.savedOffline;
  return (
    <div className={`banner ${hasLink ? "good" : classes.unsaved}`} role="status">
      <span className={`${classes.glyph}${hasLink ? " ok" : ""}`}>
        <StatusGlyph of={hasLink ? "connected" : "waiting"} size={18} />
      </span>
      <span>
        {justSaved && <b className={classes.strong}>{t.form.saved} </b>}
        {next}
      </span>
    </div>
  );
}

interface SendByEmailProps {
  d: RequestDetails;
  list: Recipients;
  input: RefObject<HTMLInputElement | null>;
  checked: Checked;
}

function SendByEmail({ d, list, input, checked }: SendByEmailProps) {
  const to = { ...list, send: () => checked.before(list.send) };
  return (
    <>
      <RecipientsField to={to} input={input} />
      {to.error && (
        <ErrorLine
          message={to.error.message}
          reference={to.error.reference}
          onClose={to.dismissError}
          closeWord={t.close}
        />
      )}
      <div className="row gap12">
        <BusyButton
          variant="filled"
          className={classes.send}
          busy={to.sending || checked.waiting}
          disabled={!d.can.send || checked.stops}
          leftSection={<IconSend size={17} stroke={1.75} aria-hidden="true" />}
          onClick={to.send}
        >
          {t.form.send}
        </BusyButton>
        {checked.stops ? (
          <span className="wait mid">{t.preflight.stops}</span>
        ) : (
          <span className="t3 mid">{t.form.each}</span>
        )}
      </div>
    </>
  );
}

/** Who got it before, and what became of each email. */
function SentTo({ d }: { d: RequestDetails }) {
  const act = useRequestActions();
  return (
    <section aria-label={t.form.sentTo}>
      <h2 className="label">{t.form.sentTo}</h2>
      {d.recipients.map((to) => (
        <div key={to.id} className={`row gap8 ${classes.recipient}`}>
          <span className="trunc" title={to.address}>
            {to.address}
          </span>
          <span className="sp" />
          <RecipientStatus to={to} />
          {to.state === "failed" && to.resend && (
            <Button
              size="xs"
              variant="subtle"
              onClick={() => act.resendNow(t.actions.resend, [{ id: d.id, to: [to.id] }])}
            >
              {t.tryAgain}
            </Button>
          )}
        </div>
      ))}
    </section>
  );
}

function ShareLink({ d, checked }: { d: RequestDetails; checked: Checked }) {
  const act = useRequestActions();
  return (
    <>
      <div className="row gap8">
        <span className="input off" role="group" aria-label={t.form.link}>
          <IconLink size={16} stroke={1.75} aria-hidden="true" />
          <span className="trunc mid">{d.link || t.form.noLink}</span>
        </span>
        <Button
          onClick={() => act.copyLink(d)}
          disabled={!d.can.copy_link}
          leftSection={<IconCopy size={16} stroke={1.75} aria-hidden="true" />}
        >
          {t.form.copyLink}
        </Button>
      </div>
      {!checked.linkWorks && <p className="wait mid">{t.preflight.linkStops}</p>}
    </>
  );
}

function SendPreview({ d }: { d: RequestDetails }) {
  const form = useMemo<RequestForm>(
    () => ({
      id: d.id,
      client: d.client,
      message: d.message,
      services: d.services.map((s) => s.service),
      connection: d.connection_id,
      business: d.business_id,
      business_name: "",
      by_hand: d.by_hand,
      kinds: d.kinds,
      level: d.level,
    }),
    [d],
  );
  return <RequestPreview q={{ form, request: d.id }} />;
}
