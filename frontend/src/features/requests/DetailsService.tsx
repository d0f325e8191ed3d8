import { Fragment } from "react";
import { api } from "../../api/client";
import type { ItemRow, Naming, RequestDetails, Service } from "../../api/types";
import { useServices } from "../../lib/app";
import { dotted } from "../../lib/bidi";
import { fullMoment } from "../../lib/dates";
import { grouped, itemState, itemsOf } from "../../lib/request";
import { kindName, t } from "../../strings/en";
import { KindIcon } from "../../ui/KindIcon";
import { PlatformTile } from "../../ui/PlatformTile";
import { StateWord } from "../../ui/StatusPill";
import { Unchecked } from "../accounts/Causes";
import { Gives } from "../accounts/Checks";
import { Ended, ItemMenu } from "../accounts/EndAccess";
import { useRequestActions } from "./actions";
import { Problem } from "./Problem";
import classes from "./RequestDetails.module.css";

interface ServiceProps {
  d: RequestDetails;
  service: Service;
}

/** What came of one service. A single account stands in the service's own line, but at Facebook. */
export function DetailsService({ d, service }: ServiceProps) {
  const items = itemsOf(d.items, service);
  const single = items.length === 1 && service !== "facebook" ? items[0] : undefined;
  const skipped = d.skipped.find((s) => s.service === service);
  return (
    <div className={classes.service}>
      <div className="item">
        <Tile d={d} service={service} empty={items.length === 0} />
        <span className="trunc">
          <b className={classes.name}>{useServices().of(service).name}</b>{" "}
          <span className="k">{summary(d, service, items, single)}</span>
        </span>
        {single && <ItemState i={single} />}
        {!single && items.length === 0 && skipped && <StateWord of="skipped">{t.details.notProvided}</StateWord>}
        {!single && !(items.length === 0 && skipped) && <span />}
      </div>
      {skipped?.reason && <p className={`t3 small ${classes.reason}`}>{t.details.reason(skipped.reason)}</p>}
      {single ? (
        <ItemMore i={single} />
      ) : (
        items.map((i) => (
          <Fragment key={i.id}>
            <ItemLine i={i} />
            <ItemMore i={i} />
          </Fragment>
        ))
      )}
    </div>
  );
}

function Tile({ d, service, empty }: ServiceProps & { empty: boolean }) {
  const cell = d.services.find((c) => c.service === service);
  const badge = cell?.attention ? "attention" : (cell?.waiting ?? 0) > 0 ? "waiting" : "none";
  const badgeWord = { attention: t.needsAttention, waiting: t.waiting, none: "" }[badge];
  return (
    <span className={`service${empty ? " off" : ""}`}>
      <PlatformTile of={service} badge={badge} badgeWord={badgeWord} />
    </span>
  );
}

function summary(d: RequestDetails, service: Service, items: ItemRow[], single: ItemRow | undefined): string {
  const missing = items.length === 0 && !d.skipped.some((s) => s.service === service);
  const handed = missing && d.finished === 0 && d.recipients.find((to) => to.services.includes(service));
  const who = handed && t.recipient.with(handed.address);
  if (service === "facebook" && d.business) return dotted([t.details.to(d.business), who]);
  if (single) return dotted([single.name, single.detail]);
  const gives = d.services.find((c) => c.service === service)?.gives;
  if (gives) return gives;
  return missing ? who || t.details.notYet : "";
}

/** A card below an item says what is wrong with it. */
const hasProblem = (i: ItemRow) => i.attention || i.state === "failed" || (i.named && i.waiting);

function ItemLine({ i }: { i: ItemRow }) {
  const kind = i.kind === "crm_account" ? i.detail : kindName[i.kind];
  return (
    <div className="item">
      <span />
      <span className="trunc" title={dotted([i.name, kind, grouped(i.account)])}>
        {i.kind !== "crm_account" && <KindIcon of={i.kind} />} {i.name} <span className="k">{kind}</span>
      </span>
      <ItemState i={i} />
    </div>
  );
}

/** What is below an item: its end, or what it gives, and what is wrong with it. */
function ItemMore({ i }: { i: ItemRow }) {
  return (
    <>
      {i.ended > 0 ? <Ended i={i} /> : <Gives i={i} className="in" />}
      {itemState(i) === "confirmed" && <Confirmed i={i} />}
      {i.namings.map((n) => (
        <Match key={`${n.kind}/${n.name}`} i={i} n={n} />
      ))}
      {itemState(i) === "withdrawn" && <p className="in t3 small">{t.item.withdrawnOn(fullMoment(i.withdrawn))}</p>}
      <Unchecked i={i} />
      {i.waiting && !hasProblem(i) && i.title && <p className="in t3 small">{i.title}</p>}
      {hasProblem(i) && <Problem i={i} />}
    </>
  );
}

/** What a person has confirmed, and no check has shown, can be taken back. */
function Confirmed({ i }: { i: ItemRow }) {
  const act = useRequestActions();
  const take = () => api.confirmItem({ id: i.id, on: false });
  return (
    <p className="in t3 small">
      {t.named.confirmedBy(i.confirmed_by, fullMoment(i.confirmed))}{" "}
      <button
        type="button"
        className="link"
        onClick={() => act.run(t.named.unconfirm, take, t.named.unconfirmed(i.name))}
      >
        {t.named.unconfirm}
      </button>
    </p>
  );
}

/** What a client typed for it, and who says so. It can be undone. */
function Match({ i, n }: { i: ItemRow; n: Naming }) {
  const act = useRequestActions();
  const undo = () => api.unmatchItem({ item: i.id, kind: n.kind, name: n.name });
  return (
    <p className="in t3 small">
      {t.named.typed(n.name, n.chosen ?? "")}{" "}
      <button
        type="button"
        className="link"
        aria-label={`${t.named.wrong}: ${n.name}`}
        onClick={() => act.run(t.named.wrong, undo, t.named.undone(n.name))}
      >
        {t.named.wrong}
      </button>
    </p>
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
  switch (itemState(i)) {
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
    case "confirmed":
      return <StateWord of="waiting">{t.item.confirmed(i.confirmed_by)}</StateWord>;
    case "ended":
      return <StateWord of="expired">{t.item.ended}</StateWord>;
    case "withdrawn":
      return <StateWord of="expired">{t.item.withdrawn}</StateWord>;
    case "sharing":
      return <StateWord of="pending">{t.item.sharing}</StateWord>;
    case "connected":
      return <StateWord of="connected">{t.item.connected}</StateWord>;
  }
}
