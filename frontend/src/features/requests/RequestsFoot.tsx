import { IconInfoCircle } from "@tabler/icons-react";
import { useApp } from "../../lib/app";
import { useTotals } from "../../lib/data";
import { soon } from "../../lib/dates";
import { t } from "../../strings/en";

/** The keys of the table, and when what was shared is checked again. */
export function RequestsFoot() {
  const { now, online } = useApp();
  const nextCheck = useTotals().data?.next_check ?? 0;
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
      {online && nextCheck > now && <span>{t.list.nextCheck(soon(nextCheck, now))}</span>}
    </div>
  );
}
