import type { UseQueryResult } from "@tanstack/react-query";
import { Fragment } from "react";
import type { DeviceView, Member } from "../../api/types";
import { t } from "../../strings/en";
import { TitledCard } from "../../ui/TitledCard";
import { DeviceRow } from "./DeviceRow";
import { MemberRow } from "./MemberRow";
import css from "./Members.module.css";
import { isOnlyMain, type TeamTask } from "./TeamDialog";

interface MembersProps {
  members: Member[];
  devices: UseQueryResult<DeviceView[]>;
  /** A code of this member may still be used. */
  hasCode: (member: string) => boolean;
  onTask: (task: TeamTask) => void;
  onCode: (member: Member) => void;
}

/** Each member, with the computers that hold what the agency was given. */
export function Members({ members, devices, hasCode, onTask, onCode }: MembersProps) {
  const lastSeen = (
    <span className={css.lastSeen} aria-hidden="true">
      {t.settings.lastSeen}
    </span>
  );
  return (
    <TitledCard title={t.settings.members} count={members.length} end={lastSeen}>
      {devices.isError && <p className={css.offline}>{t.settings.needRelay}</p>}
      {members.map((m) => {
        const own = (devices.data ?? []).filter((d) => d.member === m.id && d.revoked === 0);
        return (
          <Fragment key={m.id}>
            <MemberRow
              member={m}
              waits={devices.data !== undefined && own.length === 0}
              hasCode={hasCode(m.id)}
              only={isOnlyMain(m, members)}
              onTask={onTask}
              onCode={() => onCode(m)}
            />
            {own.map((d) => (
              <DeviceRow key={d.id} device={d} onTask={onTask} />
            ))}
          </Fragment>
        );
      })}
    </TitledCard>
  );
}
