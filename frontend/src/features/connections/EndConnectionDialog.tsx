import { api } from "../../api/client";
import type { ConnectionView } from "../../api/types";
import { queries } from "../../lib/data";
import { t } from "../../strings/en";
import { DangerDialog } from "../../ui/DangerDialog";
import { useRequestActions } from "../requests/actions";

export function EndConnectionDialog({ connection, onClose }: { connection: ConnectionView; onClose: () => void }) {
  const act = useRequestActions();
  const end = async () => {
    await api.endConnection({ id: connection.id });
    return queries.invalidateQueries({ queryKey: ["connections"] });
  };
  return (
    <DangerDialog
      title={t.settings.fbEndTitle(connection.user)}
      words={t}
      yes={t.settings.fbEnd}
      onYes={() => act.run(t.settings.fbEnd, end, t.toast.disconnected)}
      onClose={onClose}
    >
      <p className="t2">{t.settings.fbEndText}</p>
    </DangerDialog>
  );
}
