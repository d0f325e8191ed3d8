import { useRef, useState } from "react";
import type { RequestRow } from "../../api/types";
import { useServices } from "../../lib/app";
import { kindName, t } from "../../strings/en";
import { PlatformTile } from "../../ui/PlatformTile";
import classes from "./ConnectedNames.module.css";

/** So many names are shown before all are asked for. */
const shownFirst = 6;

/** The accounts that a client connected, by name: of many the first ones, and all on demand. */
export function ConnectedNames({ r }: { r: RequestRow }) {
  const services = useServices();
  const [all, setAll] = useState(false);
  const list = useRef<HTMLElement>(null);
  const names = r.services.flatMap((s) =>
    s.names.map((name, n) => ({ service: s.service, name, kind: s.kinds?.[n], key: s.service + n })),
  );
  const hidden = all ? 0 : Math.max(0, names.length - shownFirst);
  if (names.length === 0) return null;
  const showAll = () => {
    setAll(true);
    list.current?.focus(); // the button that had it goes
  };
  return (
    <section
      ref={list}
      className={classes.list}
      aria-label={t.connectedNames.list}
      // A list that scrolls has to be reached by the keyboard.
      tabIndex={all ? 0 : -1}
    >
      <ul>
        {names.slice(0, names.length - hidden).map(({ service, name, kind, key }) => (
          <li key={key}>
            <PlatformTile of={service} size={20} />
            <span className="trunc" title={name}>
              {name}
            </span>
            <span className="t3 small nowrap">
              {service === "facebook" && kind ? kindName[kind] : services.of(service).name}
            </span>
          </li>
        ))}
      </ul>
      {hidden > 0 && (
        <button type="button" className="link" onClick={showAll}>
          {t.connectedNames.more(hidden)}
        </button>
      )}
    </section>
  );
}
