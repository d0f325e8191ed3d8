// All about one request, in the order of the questions people ask: what came of
// it, who got it, what was written, what happened.
import { Drawer } from "@mantine/core";
import {
  IconAlertCircle,
  IconBan,
  IconCheck,
  IconClock,
  IconCloudOff,
  IconCopy,
  IconLink,
  IconMailQuestion,
  IconSend,
  IconX,
} from "@tabler/icons-react";
import { Fragment, useState } from "react";
import type { Service } from "../../api/enums";
import type { ItemRow, RecipientRow, RequestDetails } from "../../api/types";
import { useAgency, useRequest } from "../../lib/data";
import { ago, dayAndClock, dayOf, exact } from "../../lib/dates";
import { toUiError } from "../../lib/errors";
import { eventText, eventTone, facebookAsks, grouped, itemLook, itemsOf, secondLine } from "../../lib/request";
import { go, useApp } from "../../lib/shell";
import { kindName, serviceName, t } from "../../strings/en";
import { ErrorCard } from "../../ui/ErrorCard";
import { KindIcon } from "../../ui/KindIcon";
import { PlatformTile } from "../../ui/PlatformTile";
import { StateWord, StatusPill } from "../../ui/StatusPill";
import { Gives } from "../accounts/Checks";
import { Ended, ItemMenu } from "../accounts/EndAccess";
import { ActionsMenu, useRequestActions } from "./actions";
import { Problem } from "./Problem";
import { Refused } from "./Refused";

export function RequestDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const details = useRequest(id);
  const d = details.data;
  return (
    <Drawer.Root
      opened={id !== ""}
      onClose={onClose}
      position="right"
      size="min(560px, 90vw)"
      lockScroll={false}
      transitionProps={{ duration: 220, timingFunction: "cubic-bezier(.2,.8,.2,1)" }}
    >
      <Drawer.Overlay />
      <Drawer.Content aria-label={d ? `${t.details.title}: ${d.client}` : t.details.title}>
        <Drawer.Body>
          {d && <Details d={d} onClose={onClose} />}
          {details.isError && (
            <div className="drawer-in">
              <div className="dhead row">
                <span className="sp" />
                <CloseButton onClose={onClose} />
              </div>
              {toUiError(details.error).code === "not_found" ? (
                <ErrorCard
                  title={t.errorTitle.gone}
                  sentence={t.errorTitle.goneText}
                  referenceWord={t.reference}
                  again={{ word: t.close, do: onClose }}
                />
              ) : (
                <ErrorCard
                  title={t.errorTitle.details}
                  sentence={toUiError(details.error).sentence}
                  reference={toUiError(details.error).reference}
                  referenceWord={t.reference}
                  again={{ word: t.tryAgain, do: () => void details.refetch() }}
                />
              )}
            </div>
          )}
        </Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}

function CloseButton({ onClose }: { onClose: () => void }) {
  return (
    <button type="button" className="btn small quiet icon" aria-label={t.close} onClick={onClose} data-autofocus>
      <IconX size={18} stroke={1.75} aria-hidden="true" />
    </button>
  );
}

function Details({ d, onClose }: { d: RequestDetails; onClose: () => void }) {
  const { now, online } = useApp();
  const act = useRequestActions();
  const agency = useAgency();
  const [all, setAll] = useState(false);
  const line = secondLine(d, online, now);
  const checked = Math.max(0, ...d.items.map((i) => i.checked));
  const events = all ? d.events : d.events.slice(0, 3);
  return (
    <div className="drawer-in">
      <div className="dhead">
        <div className="row gap8">
          <h2 className="trunc">{d.client}</h2>
          <span className="sp" />
          <ActionsMenu r={d} solid />
          <CloseButton onClose={onClose} />
        </div>
        <div className="row gap8 mid" style={{ marginTop: 6 }}>
          <StatusPill of={d.status}>{d.status === "connected" ? t.connected : t.pending}</StatusPill>
          <span className={`trunc ${line.tone === "plain" ? "t2" : line.tone}`}>{line.text}</span>
          <span className="sp" />
          <span className="t3 nowrap">{t.details.requested(dayOf(d.created))}</span>
        </div>
      </div>
      <div className="dbody">
        <Refused entries={d.outbox} />
        <section className="sec">
          <h3>
            {t.details.services}
            {checked > 0 && <span className="end">{t.details.checked(ago(checked, now))}</span>}
          </h3>
          {d.services.map((cell) => (
            <ServiceSection key={cell.service} d={d} service={cell.service} />
          ))}
        </section>
        <section className="sec">
          <h3>
            {t.details.recipients}
            {d.verification_words.length > 0 && (
              <span className="end">
                {t.details.checkWords}{" "}
                <b style={{ fontWeight: 600, color: "var(--lk-text-2)" }}>{d.verification_words.join(" ")}</b>
              </span>
            )}
          </h3>
          {d.recipients.length === 0 && <p className="t3 mid">{t.details.linkOnly}</p>}
          {d.recipients.map((to) => (
            <div key={to.id} className="row gap8" style={{ minHeight: 25, fontSize: 13.5 }}>
              <span className="trunc">{to.address}</span>
              <span className="sp" />
              <Delivery to={to} />
            </div>
          ))}
          {d.recipients.some((to) => to.state === "failed" || to.unseen) && d.can.send && (
            <div className="row gap8" style={{ margin: "6px 0 4px" }}>
              <button type="button" className="btn small" onClick={() => go({ at: "send", id: d.id })}>
                {t.recipient.another}
              </button>
              {d.can.resend && (
                <button type="button" className="btn small quiet" onClick={() => act.resend(d)}>
                  {t.recipient.again}
                </button>
              )}
            </div>
          )}
          {d.completed_by && (
            <p className="t2 mid" style={{ marginTop: 6 }}>
              {t.details.completedBy(d.completed_by, d.email)}{" "}
              <span className="t3">· {d.confirmed ? t.details.confirmed : t.details.unconfirmed}</span>
            </p>
          )}
          <LinkLine d={d} />
        </section>
        <section className="sec">
          <h3>{t.details.message}</h3>
          <p className="quote">{d.message || agency.data?.default_message}</p>
          {d.facebook_user && (
            <p className="t3 small" style={{ marginTop: 6 }}>
              {t.details.asks(d.facebook_user, d.business)} {t.details.asksFor(facebookAsks(d))}
            </p>
          )}
        </section>
        {d.events.length > 0 && (
          <section className="sec">
            <h3>
              {t.details.timeline}
              {d.events.length > 3 && (
                <button
                  type="button"
                  className="link end"
                  style={{ color: "var(--lk-primary)" }}
                  onClick={() => setAll(!all)}
                >
                  {all ? t.details.showLess : t.details.showAll(d.events.length)}
                </button>
              )}
            </h3>
            <ol className="timeline">
              {events.map((e) => (
                <li key={e.id} className={eventTone(e.kind)}>
                  <span>{eventText(e)}</span>
                  <time dateTime={new Date(e.at).toISOString()} title={exact(e.at)}>
                    {dayAndClock(e.at)}
                  </time>
                </li>
              ))}
            </ol>
          </section>
        )}
      </div>
    </div>
  );
}

function LinkLine({ d }: { d: RequestDetails }) {
  const { now } = useApp();
  const act = useRequestActions();
  const dead = !d.can.copy_link;
  return (
    <div className="row gap8" style={{ marginTop: 8 }}>
      <IconLink size={15} stroke={1.75} aria-hidden="true" style={{ color: "var(--lk-text-3)" }} />
      <span className="t3 small" style={{ flex: 1 }}>
        {d.link === "" && !dead
          ? t.form.noLink
          : dead
            ? d.expires && d.expires < now && d.status === "pending"
              ? t.details.expired(exact(d.expires))
              : t.details.deadLink
            : t.details.validUntil(exact(d.expires))}
      </span>
      {!dead && (
        <button type="button" className="btn small" onClick={() => act.copyLink(d)}>
          <IconCopy size={15} stroke={1.75} aria-hidden="true" />
          {t.details.copyLink}
        </button>
      )}
    </div>
  );
}

function ServiceSection({ d, service }: { d: RequestDetails; service: Service }) {
  const items = itemsOf(d.items, service);
  const cell = d.services.find((c) => c.service === service);
  const skipped = d.skipped.find((s) => s.service === service);
  const name = serviceName[service];
  const badge = cell?.attention ? "attention" : (cell?.waiting ?? 0) > 0 ? "waiting" : "none";
  const alone = items.length === 1 && service !== "facebook" ? items[0] : undefined;
  const open = items.filter((i) => i.attention || i.state === "failed");
  return (
    <div style={{ padding: "2px 0" }}>
      <div className="item">
        <span className={`service${items.length === 0 ? " off" : ""}`}>
          <PlatformTile
            of={service}
            badge={badge}
            badgeWord={badge === "attention" ? t.needsAttention : badge === "waiting" ? t.waiting : ""}
          />
        </span>
        <span className="trunc">
          <b style={{ fontWeight: 600 }}>{name}</b>{" "}
          <span className="k">
            {service === "facebook" && d.business
              ? t.details.to(d.business)
              : !alone && cell?.gives
                ? cell.gives
                : alone
                  ? `${alone.name}${alone.detail ? ` · ${alone.detail}` : ""}`
                  : items.length === 0 && !skipped
                    ? t.details.notYet
                    : ""}
          </span>
        </span>
        {alone ? (
          <ItemState i={alone} />
        ) : items.length === 0 && skipped ? (
          <StateWord of="skipped">{t.details.notProvided}</StateWord>
        ) : (
          <span />
        )}
      </div>
      {skipped?.reason && (
        <p className="t3 small" style={{ paddingLeft: 34 }}>
          {t.details.reason(skipped.reason)}
        </p>
      )}
      {alone && (alone.ended > 0 ? <Ended i={alone} /> : <Gives i={alone} className="in" />)}
      {alone && open.length > 0 && <Problem i={alone} />}
      {!alone &&
        items.map((i) => (
          <Fragment key={i.id}>
            <div className="item">
              <span />
              <span className="trunc" title={`${i.name} · ${grouped(i.account)}`}>
                {i.kind !== "crm_account" && <KindIcon of={i.kind} />} {i.name}{" "}
                <span className="k">
                  {i.kind === "crm_account" ? i.detail : kindName[i.kind]}
                  {i.waiting && i.title ? ` · ${i.title}` : ""}
                </span>
              </span>
              <ItemState i={i} />
            </div>
            {i.ended > 0 ? <Ended i={i} /> : <Gives i={i} className="in" />}
            {open.includes(i) && <Problem i={i} />}
          </Fragment>
        ))}
    </div>
  );
}

function ItemState({ i }: { i: ItemRow }) {
  return (
    <span className="row gap6">
      <ItemWord i={i} />
      <ItemMenu i={i} />
    </span>
  );
}

function ItemWord({ i }: { i: ItemRow }) {
  switch (itemLook(i)) {
    case "failed":
      return <StateWord of="failed">{t.item.failed}</StateWord>;
    case "attention":
      return (
        <span className="state failed">
          <i className="reddot" />
          {t.item.attention}
        </span>
      );
    case "waiting":
      return <StateWord of="waiting">{t.item.waiting}</StateWord>;
    case "ended":
      return <StateWord of="expired">{t.item.ended}</StateWord>;
    case "sharing":
      return <StateWord of="pending">{t.item.sharing}</StateWord>;
    case "connected":
      return <StateWord of="connected">{t.item.connected}</StateWord>;
  }
}

export function Delivery({ to }: { to: RecipientRow }) {
  const icon = { size: 14, stroke: 2, "aria-hidden": true } as const;
  switch (to.state) {
    case "opened":
      return (
        <span className="state connected">
          <IconCheck {...icon} />
          {t.recipient.opened(dayAndClock(to.at))}
        </span>
      );
    case "sent":
      if (to.unseen)
        return (
          <span className="state waiting">
            <IconMailQuestion {...icon} />
            {t.recipient.unseen(dayAndClock(to.at))}
          </span>
        );
      return (
        <span className="state" style={{ color: "var(--lk-text-2)" }}>
          <IconSend {...icon} />
          {t.recipient.sent(dayAndClock(to.at))}
        </span>
      );
    case "failed":
      return (
        <span className="state failed" title={to.server_reply}>
          <IconAlertCircle {...icon} />
          <span className="trunc" style={{ maxWidth: 260 }}>
            {to.server_reply ? t.recipient.failedWith(to.server_reply) : t.recipient.failed}
          </span>
        </span>
      );
    case "waiting":
      return (
        <span className="state waiting">
          <IconCloudOff {...icon} />
          {t.recipient.waiting}
        </span>
      );
    case "delayed":
      return (
        <span className="state waiting" title={to.server_reply}>
          <IconClock {...icon} />
          {t.recipient.delayed}
        </span>
      );
    case "queued":
      return (
        <span className="state pending">
          <IconClock {...icon} />
          {t.recipient.queued}
        </span>
      );
    case "stopped":
      return (
        <span className="state expired">
          <IconBan {...icon} />
          {t.recipient.stopped}
        </span>
      );
  }
}
