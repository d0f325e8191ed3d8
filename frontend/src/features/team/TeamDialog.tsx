import type { DeviceView, Member } from "../../api/types";
import { EditDialog } from "./EditDialog";
import { HeldDialog } from "./HeldDialog";
import { RemoveDialog } from "./RemoveDialog";
import { RevokeDialog } from "./RevokeDialog";

/** What is being done with a member or a device. */
export type TeamTask = { is: "edit" | "remove"; member: Member } | { is: "held" | "revoke"; device: DeviceView };

interface TeamDialogProps {
  task: TeamTask;
  members: Member[];
  devices: DeviceView[];
  onClose: () => void;
}

export function TeamDialog({ task, members, devices, onClose }: TeamDialogProps) {
  switch (task.is) {
    case "edit":
      return <EditDialog member={task.member} only={isOnlyMain(task.member, members)} onClose={onClose} />;
    case "remove":
      return (
        <RemoveDialog
          member={task.member}
          devices={devices.filter((d) => d.member === task.member.id && d.revoked === 0).length}
          others={members.filter((m) => m.id !== task.member.id)}
          onClose={onClose}
        />
      );
    case "held":
      return <HeldDialog device={task.device} onClose={onClose} />;
    case "revoke":
      return <RevokeDialog device={task.device} onClose={onClose} />;
  }
}

/** An agency keeps one main user at least. */
export function isOnlyMain(member: Member, members: Member[]): boolean {
  return member.role === "main" && members.filter((m) => m.role === "main").length === 1;
}
