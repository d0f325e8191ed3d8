import { useApp } from "../../lib/app";
import { keysOf } from "../../lib/shortcuts";
import { t } from "../../strings/en";
import { Keys } from "../../ui/Keys";
import css from "./Help.module.css";

/** Every shortcut; single letters only where they are on. */
export function ShortcutList() {
  const { mac, preferences } = useApp();
  const shown = t.help.keysList.filter(([keys]) => preferences.single_keys || !/^[N/]$/.test(keys));
  return (
    <dl className={css.keys}>
      {shown.map(([keys, does]) => (
        <div key={keys}>
          <dt>
            <Keys keys={keysOf(keys, mac)} />
            <span className="sr">{keys}</span>
          </dt>
          <dd className="t2">{does}</dd>
        </div>
      ))}
    </dl>
  );
}
