import { IconClock } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { api } from "../../api/client";
import type { Role } from "../../api/enums";
import type { CodeView, Timestamp } from "../../api/types";
import { useApp } from "../../lib/app";
import { queries } from "../../lib/data";
import { exact, until } from "../../lib/dates";
import { t } from "../../strings/en";
import { CopyLine, OnceNote } from "../../ui/CopyLine";
import { CardBody, TitledCard } from "../../ui/TitledCard";
import { useRequestActions } from "../requests/actions";
import css from "./Code.module.css";
import { RolePill } from "./RolePill";

/** A code that was just made. role: "" where it is for one's own computer. */
export interface IssuedCode {
  code: CodeView;
  name: string;
  role: Role | "";
}

export const refreshCodes = () => queries.invalidateQueries({ queryKey: ["devices", "codes"] });

/** A code, shown this once. */
export function ShownCode({ issued }: { issued: IssuedCode }) {
  const { session, now } = useApp();
  const { code, name, role } = issued;
  const title = role ? t.settings.codeFor(name) : t.settings.codeOwn;
  const shown = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new code comes into sight, above what was pressed
  useEffect(() => {
    shown.current?.scrollIntoView({ block: "center" });
  }, [code.id]);
  return (
    <TitledCard title={title} end={role && <RolePill role={role} />} live>
      <CardBody>
        <CopyLine value={code.code} copyWord={t.copy} typed ref={shown} />
        <OnceNote>
          {role ? t.settings.shownOnce : t.settings.ownShownOnce} <b>{session.relay}</b>.
        </OnceNote>
        <p className={css.until}>
          <IconClock size={15} stroke={1.75} aria-hidden="true" />
          <span className="grow" title={exact(code.until)}>
            {t.settings.worksUntil(until(code.until, now))}
          </span>
          <WithdrawCode id={code.id} title={title} end={code.until} />
        </p>
      </CardBody>
    </TitledCard>
  );
}

export function WithdrawCode({ id, title, end }: { id: string; title: string; end: Timestamp }) {
  const { now } = useApp();
  const act = useRequestActions();
  const doing = t.settings.withdrawCode(title, until(end, now));
  return (
    <button
      type="button"
      className="link fail"
      aria-label={doing}
      onClick={() => act.run(doing, () => api.withdrawCode({ id }).finally(refreshCodes), t.toast.codeWithdrawn)}
    >
      {t.settings.withdraw}
    </button>
  );
}
