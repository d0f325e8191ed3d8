// Members, their computers, codes, and the question that only a person can
// answer: are these two numbers the same?
import { IconShieldLock } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "../../api/client";
import type { Member } from "../../api/types";
import { useApp } from "../../lib/app";
import { useDevices, useMembers, useOpenCodes, usePendingDevices } from "../../lib/data";
import { t } from "../../strings/en";
import { useRequestActions } from "../requests/actions";
import { AnotherComputer } from "./AnotherComputer";
import { type IssuedCode, refreshCodes, ShownCode } from "./Code";
import { ComparisonQuestions } from "./ComparisonQuestions";
import { InviteDialog } from "./InviteDialog";
import { Members } from "./Members";
import { OpenCodes } from "./OpenCodes";
import { RevokedDevices } from "./RevokedDevices";
import css from "./Team.module.css";
import { TeamDialog, type TeamTask } from "./TeamDialog";

export function Team({ inviting, onInvited }: { inviting: boolean; onInvited: () => void }) {
  const { session, now } = useApp();
  const act = useRequestActions();
  const members = useMembers();
  const devices = useDevices();
  const pending = usePendingDevices();
  const codes = useOpenCodes();
  const [shown, setShown] = useState<IssuedCode | null>(null);
  const [task, setTask] = useState<TeamTask | null>(null);
  const main = session.role === "main";
  const present = (members.data ?? []).filter((m) => m.removed === 0 && (main || m.id === session.member_id));
  const open = (codes.data ?? []).filter((c) => c.until > now);
  // A code stays in sight until it is used, withdrawn or too old.
  const isOpen = (c: IssuedCode) => (codes.isSuccess ? open.some((o) => o.id === c.code.id) : c.code.until > now);
  const inSight = shown && isOpen(shown) ? shown : null;
  const show = (made: IssuedCode) => refreshCodes().then(() => setShown(made));
  const issue = (member: Member | null) =>
    act.run(t.settings.makeCode, async () =>
      show({
        code: await api.issueCode({ member: member?.id ?? "" }),
        name: member?.name ?? "",
        role: member?.role ?? "",
      }),
    );
  return (
    <>
      <ComparisonQuestions pending={pending.data ?? []} />
      <div className={css.columns}>
        <Members
          members={present}
          devices={devices}
          hasCode={(member) => !codes.isSuccess || open.some((c) => c.member === member)}
          onTask={setTask}
          onCode={issue}
        />
        <div className={css.side}>
          {inSight && <ShownCode issued={inSight} />}
          <OpenCodes
            codes={open.filter((c) => c.id !== inSight?.code.id)}
            members={members.data ?? []}
            others={inSight !== null}
          />
          <AnotherComputer onCode={() => issue(null)} />
          <RevokedDevices devices={devices.data ?? []} members={members.data ?? []} onTask={setTask} />
          <p className={css.note}>
            <IconShieldLock size={16} stroke={1.75} aria-hidden="true" />
            {t.settings.revokeNote}
          </p>
        </div>
      </div>
      {inviting && (
        <InviteDialog
          onClose={onInvited}
          onInvited={(made) => {
            void show(made);
            onInvited();
          }}
        />
      )}
      {task && <TeamDialog task={task} members={present} devices={devices.data ?? []} onClose={() => setTask(null)} />}
    </>
  );
}
