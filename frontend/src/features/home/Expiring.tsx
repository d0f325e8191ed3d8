import { Link } from "@tanstack/react-router";
import type { RequestRow } from "../../api/types";
import { useApp } from "../../lib/app";
import { expiringRequests, useFirstRequests } from "../../lib/data";
import { shortDay, until } from "../../lib/dates";
import { requestLink } from "../../lib/links";
import { isUnseen, progressText } from "../../lib/request";
import { t } from "../../strings/en";
import { useRequestActions } from "../requests/actions";
import classes from "./Home.module.css";

const day = 86_400_000;

/** The requests whose links end soon, the soonest first. */
export function Expiring() {
  const { now } = useApp();
  const list = useFirstRequests(expiringRequests).data;
  return (
    <section className="card" aria-labelledby="expiring">
      <h2 id="expiring">
        {t.home.expiring}
        <ResendAll list={list ?? []} />
      </h2>
      {list?.length === 0 && <p className={`line mid t2 ${classes.none}`}>{t.home.expiringNone}</p>}
      <ul>
        {list?.map((r) => (
          <li key={r.id}>
            <Link className="line mid" {...requestLink(r.id)}>
              <span className="two grow">
                <b>{r.client}</b>
                <span className="l2">{progress(r, now)}</span>
              </span>
              <span className={`mid nowrap ${classes.strong} ${r.expires - now < day ? "wait" : "t2"}`}>
                {until(r.expires, now)}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

function ResendAll({ list }: { list: RequestRow[] }) {
  const act = useRequestActions();
  const resendable = list.filter((r) => r.can.resend && r.can.send_link);
  if (resendable.length === 0) return null;
  const resend = () => {
    const all = resendable.map((r) => ({ id: r.id, to: [] }));
    act.resendNow(t.actions.resend, all);
  };
  return (
    <button type="button" className="link" onClick={resend}>
      {t.home.resendAll(resendable.length)}
    </button>
  );
}

function progress(r: RequestRow, now: number): string {
  if (r.received > 0) return progressText(r);
  return r.opened ? t.home.openedNothing(shortDay(r.opened)) : isUnseen(r, now) ? t.home.noSign : t.home.notOpened;
}
