import { Button } from "@mantine/core";
import { useState } from "react";
import { api } from "../../api/client";
import { useApp } from "../../lib/app";
import { queries } from "../../lib/data";
import { t } from "../../strings/en";
import { DangerDialog } from "../../ui/DangerDialog";
import { CardLead, TitledCard } from "../../ui/TitledCard";
import { useRequestActions } from "../requests/actions";

export function LeaveAgency() {
  const { session } = useApp();
  const act = useRequestActions();
  const [leaving, setLeaving] = useState(false);
  const title = session.demo ? t.settings.leaveDemo : t.settings.leave;
  const leave = () => api.leaveAgency().then(() => queries.invalidateQueries());
  return (
    <TitledCard title={title}>
      <CardLead
        text={t.settings.leaveText}
        action={
          <Button variant="danger" onClick={() => setLeaving(true)}>
            {title}
          </Button>
        }
      />
      {leaving && (
        <DangerDialog
          title={t.settings.leaveTitle(session.agency)}
          words={t}
          yes={t.settings.leaveYes}
          onYes={() => act.run(t.settings.leave, leave)}
          onClose={() => setLeaving(false)}
        >
          <p className="t2">{t.settings.leaveText}</p>
          <p className="t2">{t.settings.leaveOnlyHere}</p>
          {session.waiting > 0 && <p className="wait">{t.settings.leaveWaiting(session.waiting)}</p>}
        </DangerDialog>
      )}
    </TitledCard>
  );
}
