// All about one request, in the order of the questions people ask: what came of it, who got it, what was written,
// what happened.
import { Button } from "@mantine/core";
import { IconMessageReply } from "@tabler/icons-react";
import { useState } from "react";
import type { RequestDetails } from "../../api/types";
import { useApp, useServices } from "../../lib/app";
import { useAgency } from "../../lib/data";
import { ago, dayOf, exact, whenExactly } from "../../lib/dates";
import { eventText, eventTone, facebookAsks, isRoutine, secondLine } from "../../lib/request";
import { t } from "../../strings/en";
import { CloseButton } from "../../ui/CloseButton";
import { StatusPill } from "../../ui/StatusPill";
import { ActionsMenu } from "./ActionsMenu";
import { DetailsRecipients } from "./DetailsRecipients";
import { DetailsService } from "./DetailsService";
import { canFollowUp, useFollowUp } from "./followUp";
import { History } from "./History";
import { Refused } from "./Refused";
import classes from "./RequestDetails.module.css";

interface DetailsProps {
  d: RequestDetails;
}

export function RequestDetailsView({ d, onClose }: DetailsProps & { onClose: () => void }) {
  const { now } = useApp();
  const times = d.items.filter((i) => i.checked > 0 && i.ended === 0).map((i) => i.checked);
  const checked = times.length > 0 ? Math.min(...times) : 0; // it is said of all of them
  return (
    <div className="drawer-in">
      <Head d={d} onClose={onClose} />
      <div className="dbody">
        <Refused entries={d.outbox} />
        <Declined d={d} />
        <section className="sec">
          <h3>
            {t.details.services}
            {checked > 0 && <span className="end">{t.details.checked(ago(checked, now))}</span>}
          </h3>
          {d.services.map((cell) => (
            <DetailsService key={cell.service} d={d} service={cell.service} />
          ))}
          <Missing d={d} />
        </section>
        <DetailsRecipients d={d} />
        <Message d={d} />
        {d.events.length > 0 && <Timeline d={d} />}
      </div>
    </div>
  );
}

function Head({ d, onClose }: DetailsProps & { onClose: () => void }) {
  const { now, online } = useApp();
  const line = secondLine(d, online, now, useServices());
  return (
    <div className="dhead">
      <div className="row gap8">
        <h2 className="trunc">{d.client}</h2>
        <span className="sp" />
        <ActionsMenu r={d} solid />
        <CloseButton onClose={onClose} />
      </div>
      <div className={`row gap8 mid ${classes.line}`}>
        <StatusPill of={d.status}>{d.status === "connected" ? t.connected : t.pending}</StatusPill>
        <span className={`trunc ${line.tone === "plain" ? "t2" : line.tone}`}>{line.text}</span>
        <span className="sp" />
        {d.archived && <b className="t2 nowrap">{t.list.archived}</b>}
        <span className="t3 nowrap">{t.details.requested(dayOf(d.created))}</span>
      </div>
    </div>
  );
}

/** What a client said who cannot do any of it. */
function Declined({ d }: DetailsProps) {
  if (d.phase !== "declined") return null;
  return (
    <div className="problem wait" role="status">
      <b>{t.details.declined(d.declined_by)}</b>
      {d.decline_reason && <p className="t2">{t.details.reason(d.decline_reason)}</p>}
      <p className="t3 small">{t.details.declinedNext}</p>
    </div>
  );
}

/** The way to ask for what did not come. */
function Missing({ d }: DetailsProps) {
  const followUp = useFollowUp();
  if (!canFollowUp(d)) return null;
  return (
    <div className={`row gap8 ${classes.recipientActions}`}>
      <Button
        size="xs"
        onClick={() => followUp(d)}
        leftSection={<IconMessageReply size={15} stroke={1.75} aria-hidden="true" />}
      >
        {t.followUp.label}
      </Button>
    </div>
  );
}

function Message({ d }: DetailsProps) {
  const agency = useAgency();
  return (
    <section className="sec">
      <h3>{t.details.message}</h3>
      <p className="quote">{d.message || agency.data?.default_message}</p>
      {(d.facebook_user || d.by_hand) && (
        <p className={`t3 small ${classes.line}`}>
          {d.by_hand ? t.form.goesByHand(d.business) : t.details.asks(d.facebook_user, d.business)}{" "}
          {t.details.asksFor(facebookAsks(d))}
        </p>
      )}
    </section>
  );
}

/** How many events are shown at first: the newest. */
const eventsShown = 3;

function Timeline({ d }: DetailsProps) {
  const { now } = useApp();
  const services = useServices();
  const [all, setAll] = useState(false);
  const newest = d.events.filter((e) => !isRoutine(e)).slice(0, eventsShown);
  const events = all ? d.events : newest;
  return (
    <section className="sec">
      <h3>
        {t.details.timeline}
        {d.events.length > newest.length && (
          <button type="button" className={`link end ${classes.more}`} onClick={() => setAll(!all)}>
            {all ? t.details.showLess : t.details.showAll(d.events.length)}
          </button>
        )}
      </h3>
      <ol className="timeline">
        {events.map((e) => (
          <li key={e.id} className={eventTone(e.kind)}>
            <span>{eventText(e, services, d.items)}</span>
            <time dateTime={new Date(e.at).toISOString()} title={exact(e.at)}>
              {whenExactly(e.at, now)}
            </time>
          </li>
        ))}
      </ol>
      <History d={d} />
    </section>
  );
}
