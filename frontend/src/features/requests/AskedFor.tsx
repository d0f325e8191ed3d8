import { useNavigate } from "@tanstack/react-router";
import type { RequestDetails } from "../../api/types";
import { useServices } from "../../lib/app";
import { editLink } from "../../lib/links";
import { t } from "../../strings/en";
import { PlatformTile } from "../../ui/PlatformTile";
import classes from "./SendRequest.module.css";

/** What the request asks for, and who gets it. */
export function AskedFor({ d }: { d: RequestDetails }) {
  const navigate = useNavigate();
  const services = useServices();
  return (
    <section aria-label={t.form.asked}>
      <h2 className="label">{t.form.asked}</h2>
      <div className={`row ${classes.services}`}>
        {d.services.map((s) => (
          <span key={s.service} className="row gap8">
            <PlatformTile of={s.service} size={22} />
            {services.of(s.service).name}
          </span>
        ))}
      </div>
      {d.facebook_user && !d.by_hand && (
        <p className={`t3 mid ${classes.line}`}>{t.form.goes(d.facebook_user, d.business)}</p>
      )}
      {d.by_hand && <p className={`t3 mid ${classes.line}`}>{t.form.goesByHand(d.business)}</p>}
      {d.can.edit && (
        <p className={classes.line}>
          <button type="button" className="link mid" onClick={() => navigate(editLink(d.id))}>
            {t.form.edit}
          </button>
        </p>
      )}
    </section>
  );
}
