import { IconInfoCircle } from "@tabler/icons-react";
import { useApp } from "../../lib/app";
import { ago } from "../../lib/dates";
import { t } from "../../strings/en";

/** The keys of the table, and how fresh it is. */
export function RequestsFoot() {
  const { now, online, session } = useApp();
  return (
    <div className="foot">
      <span aria-hidden="true">
        <kbd>↑</kbd>
        <kbd>↓</kbd> {t.list.move}
      </span>
      <span aria-hidden="true">
        <kbd>Enter</kbd> {t.list.details}
      </span>
      <span aria-hidden="true">
        <kbd>.</kbd> {t.actions.label}
      </span>
      <span className="sp" />
      {!online && (
        <span>
          <IconInfoCircle size={14} stroke={1.75} aria-hidden="true" />
          {t.sync.keepWorking}
        </span>
      )}
      {online && session.read_until > 0 && (
        <span>
          {t.sync.upToDate} · {ago(session.read_until, now)}
        </span>
      )}
    </div>
  );
}
