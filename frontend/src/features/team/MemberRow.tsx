import { Menu } from "@mantine/core";
import { IconMail } from "@tabler/icons-react";
import type { Member } from "../../api/types";
import { useApp } from "../../lib/app";
import { dotted } from "../../lib/bidi";
import { onDay } from "../../lib/dates";
import { t } from "../../strings/en";
import { Avatar } from "../../ui/Avatar";
import { CardRow } from "../../ui/CardRow";
import { RowMenu } from "../../ui/RowMenu";
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
    <CardRow
      before={
        waits ? (
          <span className="avatar" aria-hidden="true">
            <IconMail size={15} stroke={1.75} />
          </span>
        ) : (
          <Avatar name={member.name} />
        )
      }
      title={
        <>
          {member.name} {self && <span className={css.you}>{t.settings.you}</span>}
        </>
      }
      hint={member.name}
      text={waits ? dotted([member.email, invited]) : member.email}
    >
      <RolePill role={member.role} />
      {session.role !== "main" ? (
        <span className={css.noMenu} />
      ) : (
        <RowMenu label={t.settings.memberActions(member.name)}>
          <Menu.Item onClick={onCode}>{t.settings.newCode}</Menu.Item>
          <Menu.Item onClick={() => onTask({ is: "edit", member })}>{t.settings.edit}</Menu.Item>
          {!self && !only && (
            <Menu.Item className="danger" onClick={() => onTask({ is: "remove", member })}>
              {t.settings.removeMember}
            </Menu.Item>
          )}
          {only && <Menu.Label>{t.settings.lastMain}</Menu.Label>}
        </RowMenu>
      )}
    </CardRow>
  );
}
