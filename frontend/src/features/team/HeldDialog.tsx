import { Button } from "@mantine/core";
import type { DeviceView } from "../../api/types";
import { t } from "../../strings/en";
import { Dialog } from "../../ui/Dialog";
import { HeldCredentials } from "./HeldCredentials";

export function HeldDialog({ device, onClose }: { device: DeviceView; onClose: () => void }) {
  return (
    <Dialog
      open
      title={device.revoked ? t.settings.heldTitle(device.name) : t.settings.holdsTitle(device.name)}
      closeWord={t.close}
      onClose={onClose}
      width={520}
      actions={
        <Button onClick={onClose} data-autofocus>
          {t.close}
        </Button>
      }
    >
      <HeldCredentials device={device.id} />
      {device.revoked > 0 && <p className="t3 mid">{t.settings.heldHint}</p>}
    </Dialog>
  );
}
