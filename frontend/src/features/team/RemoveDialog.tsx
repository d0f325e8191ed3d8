import { Select } from "@mantine/core";
import { useState } from "react";
import { api } from "../../api/client";
import type { Member } from "../../api/types";
import { queries } from "../../lib/data";
import { t } from "../../strings/en";
import { DangerDialog } from "../../ui/DangerDialog";
import { useRequestActions } from "../requests/actions";

interface RemoveDialogProps {
  member: Member;
  /** Who may take over. */
  others: Member[];
  devices: number;
  onClose: () => void;
}

export function RemoveDialog({ member, others, devices, onClose }: RemoveDialogProps) {
  const act = useRequestActions();
  const [successor, setSuccessor] = useState(others[0]?.id ?? "");
  const remove = async () => {
    await api.removeMember({ id: member.id, successor });
    await Promise.all(["members", "devices"].map((key) => queries.invalidateQueries({ queryKey: [key] })));
  };
  return (
    <DangerDialog
      title={t.settings.removeTitle(member.name)}
      words={t}
      yes={t.settings.removeMember}
      possible={successor !== ""}
      onYes={() => act.run(t.settings.removeTitle(member.name), remove, t.toast.memberRemoved(member.name))}
      onClose={onClose}
    >
      <p className="t2">
        {t.settings.removeText} {t.settings.removeDevices(devices)}
      </p>
      <Select
        label={t.settings.successor}
        data={others.map((o) => ({ value: o.id, label: o.name }))}
        value={successor || null}
        onChange={(id) => setSuccessor(id ?? "")}
      />
    </DangerDialog>
  );
}
