import { IconActivity, IconLink, IconShieldCheck } from "@tabler/icons-react";
import { useApp } from "../../lib/app";
import { t } from "../../strings/en";
import { GhostKey, Mark } from "../../ui/Mark";
import css from "./Welcome.module.css";

const icon = { size: 20, stroke: 1.75, "aria-hidden": true } as const;

/** What Latchkey does, in three lines. */
export function Welcome() {
  const { session } = useApp();
  return (
    <div className={css.welcome}>
      <GhostKey className={css.ghost} />
      <div className={css.product}>
        <Mark size={34} />
        {t.product}
      </div>
      <div className={css.claim}>
        <h1>
          {t.first.claim[0]}
          <br />
          {t.first.claim[1]}
        </h1>
        <p>{t.first.lead}</p>
      </div>
      <ul className={css.points}>
        <li>
          <IconLink {...icon} />
          {t.first.points[0]}
        </li>
        <li>
          <IconShieldCheck {...icon} />
          {t.first.points[1]}
        </li>
        <li>
          <IconActivity {...icon} />
          {t.first.points[2]}
        </li>
      </ul>
      <span className="sp" />
      <div className={css.version}>{t.first.version(session.version)}</div>
    </div>
  );
}
