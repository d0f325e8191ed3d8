import { ActionIcon, Menu } from "@mantine/core";
import { IconDots, IconMail } from "@tabler/icons-react";
import type { Member } from "../../api/types";
import { useApp } from "../../lib/app";
import { dotted } from "../../lib/bidi";
import { onDay } from "../../lib/dates";
import { t } from "../../strings/en";
import { Avatar } from "../../ui/Avatar";
import css from "./Members.module.css";
import { RolePill } from "./RolePill";
import type { TeamTask } from "./TeamDialog";

interface MemberRowProps {
  member: Member;
  /** No computer of this member has joined. */
  waits: boolean;
  hasCode: boolean;
  only: boolean;
  onTask: (task: TeamTask) => void;
  onCode: () => void;
}

export function MemberRow({ member, waits, hasCode, only, onTask, onCode }: MemberRowProps) {
  const { session, now } = useApp();
  const self = member.id === session.member_id;
  const invited = hasCode ? t.settings.invited(onDay(member.created, now)) : t.settings.noCode;
  return (
    <div className={`member ${css.member}`}>
      {waits ? (
        <span className="avatar" aria-hidden="true">
          <IconMail size={15} stroke={1.75} />
        </span>
      ) : (
        <Avatar name={member.name} />
      )}
      <span className={`two ${css.grow}`}>
        <b title={member.name}>
          {member.name} {self && <span className={css.you}>{t.settings.you}</span>}
        </b>
        <span className="l2">{waits ? dotted([member.email, invited]) : member.email}</span>
      </span>
      <RolePill role={member.role} />
      {session.role !== "main" ? (
        <span className={css.noMenu} />
      ) : (
        <Menu width={220} position="bottom-end" withinPortal>
          <Menu.Target>
            <ActionIcon size={30} variant="subtle" aria-label={t.settings.memberActions(member.name)}>
              <IconDots size={18} stroke={1.75} aria-hidden="true" />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={onCode}>{t.settings.newCode}</Menu.Item>
            <Menu.Item onClick={() => onTask({ is: "edit", member })}>{t.settings.edit}</Menu.Item>
            {!self && !only && (
              <Menu.Item className="danger" onClick={() => onTask({ is: "remove", member })}>
                {t.settings.removeMember}
              </Menu.Item>
            )}
            {only && <Menu.Label>{t.settings.lastMain}</Menu.Label>}
          </Menu.Dropdown>
        </Menu>
      )}
    </div>
  );
}
