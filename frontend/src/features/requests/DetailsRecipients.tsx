import { Button } from "@mantine/core";
import { IconCopy, IconLink } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import type { Person, RecipientRow, RequestDetails } from "../../api/types";
import { useApp, useServices } from "../../lib/app";
import { exact } from "../../lib/dates";
import { numbered } from "../../lib/keys";
import { sendLink } from "../../lib/links";
import { failedAddresses } from "../../lib/recipients";
import { t } from "../../strings/en";
import { useRequestActions } from "./actions";
import { RecipientStatus } from "./RecipientStatus";
import { Reminders } from "./Reminders";
import classes from "./RequestDetails.module.css";

/** Who got the request, what became of each email, and the link. */
export function DetailsRecipients({ d }: { d: RequestDetails }) {
  return (
    <section className="sec">
      <h3>
        {t.details.recipients}
        {d.verification_words.length > 0 && (
          <span className="end">
            {t.details.checkWords} <b className={classes.words}>{d.verification_words.join(" ")}</b>
          </span>
        )}
      </h3>
      {d.recipients.length === 0 && (
        <p className="t3 mid">{d.by_link.length > 0 ? t.details.linkUsed : t.details.linkOnly}</p>
      )}
      {d.recipients.map((to) => (
        <div key={to.id}>
          <div className={`row gap8 ${classes.recipient}`}>
            <span className="trunc" title={to.address}>
              {to.address}
            </span>
            <span className="sp" />
            <RecipientStatus to={to} />
          </div>
          <Handed to={to} open={d.can.copy_link} />
        </div>
      ))}
      <ByLink people={d.by_link} />
      <Corrections d={d} />
      {d.completed_by && (
        <p className={`t2 mid ${classes.line}`}>
          {t.details[d.status === "connected" ? "completedBy" : "finishedBy"](d.completed_by, d.email)}{" "}
          <span className="t3">· {d.confirmed ? t.details.confirmed : t.details.unconfirmed}</span>
        </p>
      )}
      {(d.recipients.length > 0 || d.approval > 0) && <Reminders d={d} />}
      <LinkLine d={d} />
    </section>
  );
}

/** What a colleague of theirs asked a recipient to look after. */
function Handed({ to, open }: { to: RecipientRow; open: boolean }) {
  const services = useServices();
  if (to.services.length === 0) return null;
  const names = to.services.map((service) => services.of(service).name);
  return (
    <p className="t3 small">
      {t.recipient.handed(names, to.handed_by)}
      {to.scoped && open && `. ${t.recipient.scoped}`}
    </p>
  );
}

/** Who came by the link: two of them may have given the same name. */
function ByLink({ people }: { people: Person[] }) {
  const keys = numbered(people.map((who) => who.email || who.name));
  return people.map((who, n) => (
    <div key={keys[n]} className={`row gap8 ${classes.recipient}`}>
      <span className="trunc" title={[who.name, who.email].filter(Boolean).join(" ")}>
        {who.name} {who.email && <span className="t3">{who.email}</span>}
      </span>
      <span className="sp" />
      <span className="t3 small nowrap">{t.details.byLink}</span>
    </div>
  ));
}

/** What helps where an email failed, was not seen, or never left. */
function Corrections({ d }: { d: RequestDetails }) {
  const navigate = useNavigate();
  const act = useRequestActions();
  const wrong = d.recipients.some((to) => to.state === "failed" || to.unseen);
  if (!d.can.send || (!wrong && !d.recipients.some((to) => to.state === "not_sent"))) return null;
  const correct = failedAddresses(d);
  return (
    <div className={`row gap8 ${classes.recipientActions}`}>
      {wrong && (
        <Button size="xs" onClick={() => navigate(sendLink(d.id, { correct }))}>
          {t.recipient.another}
        </Button>
      )}
      {d.can.resend && (
        <Button size="xs" variant="subtle" onClick={() => act.resend(d)}>
          {t.recipient.again}
        </Button>
      )}
    </div>
  );
}

function LinkLine({ d }: { d: RequestDetails }) {
  const { now } = useApp();
  const act = useRequestActions();
  return (
    <div className={`row gap8 ${classes.link}`}>
      <IconLink size={15} stroke={1.75} aria-hidden="true" />
      <span className="t3 small grow">{linkText(d, now)}</span>
      {d.can.copy_link && (
        <Button
          size="xs"
          onClick={() => act.copyLink(d)}
          leftSection={<IconCopy size={15} stroke={1.75} aria-hidden="true" />}
        >
          {t.details.copyLink}
        </Button>
      )}
    </div>
  );
}

function linkText(d: RequestDetails, now: number): string {
  if (d.can.copy_link) return d.link === "" ? t.form.noLink : t.details.validUntil(exact(d.expires));
  const expired = d.expires > 0 && d.expires < now && d.status === "pending";
  return expired ? t.details.expired(exact(d.expires)) : t.details.deadLink;
}
