import { Button } from "@mantine/core";
import { useState } from "react";
import { api } from "../../api/client";
import type { DeviceView } from "../../api/types";
import { useApp } from "../../lib/app";
import { queries } from "../../lib/data";
import { t } from "../../strings/en";
import { Dialog } from "../../ui/Dialog";
import { useRequestActions } from "../requests/actions";
import { HeldCredentials } from "./HeldCredentials";
import { HeldDialog } from "./HeldDialog";

/** Before: what it holds. After: what it held, and what to do about it. */
export function RevokeDialog({ device, onClose }: { device: DeviceView; onClose: () => void }) {
  const { session } = useApp();
  const act = useRequestActions();
  const [done, setDone] = useState(false);
  if (done) return <HeldDialog device={{ ...device, revoked: 1 }} onClose={onClose} />;
  const here = device.id === session.device;
  const title = t.settings.revokeTitle(device.name);
  const revoke = async () => {
    await api.revoke({ id: device.id });
    if (device.credential_count > 0 && !here) setDone(true);
    else onClose();
    return queries.invalidateQueries({ queryKey: ["devices"] });
  };
  return (
    <Dialog
      open
      title={title}
      closeWord={t.close}
      onClose={onClose}
      width={520}
      actions={
        <>
          <Button onClick={onClose} data-autofocus>
            {t.cancel}
          </Button>
          <Button variant="danger-filled" onClick={() => act.run(title, revoke, t.toast.revoked)}>
            {t.settings.revoke}
          </Button>
        </>
      }
    >
      <p className="t2">
        {t.settings.revokeText} {device.credential_count > 0 && !here && t.settings.revokeHeld}
      </p>
      {here && <p className="fail">{t.settings.revokeThis}</p>}
      <HeldCredentials device={device.id} />
    </Dialog>
  );
}
