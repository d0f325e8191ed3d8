import { Button } from "@mantine/core";
import { IconDeviceLaptopOff } from "@tabler/icons-react";
import type { DeviceView, Member } from "../../api/types";
import { dayOf } from "../../lib/dates";
import { t } from "../../strings/en";
import { TitledCard } from "../../ui/TitledCard";
import { nameOf } from "./names";
import css from "./SideList.module.css";
import type { TeamTask } from "./TeamDialog";

interface RevokedDevicesProps {
  devices: DeviceView[];
  members: Member[];
  onTask: (task: TeamTask) => void;
}

/** Computers that were revoked, the newest first, and what each of them held. */
export function RevokedDevices({ devices, members, onTask }: RevokedDevicesProps) {
  const revoked = devices.filter((d) => d.revoked > 0).sort((a, b) => b.revoked - a.revoked);
  if (revoked.length === 0) return null;
  return (
    <TitledCard title={t.settings.revokedTitle} count={revoked.length}>
      <ul className={css.list}>
        {revoked.map((device) => (
          <li key={device.id}>
            <IconDeviceLaptopOff size={16} stroke={1.75} aria-hidden="true" className={css.icon} />
            <span className="two grow">
              <b title={device.name}>{device.name}</b>
              <span className="l2">{t.settings.revokedOn(nameOf(members, device.member), dayOf(device.revoked))}</span>
            </span>
            <Button
              size="xs"
              variant="subtle"
              onClick={() => onTask({ is: "held", device })}
              aria-label={t.settings.whatHeld(device.name)}
            >
              {t.settings.whatItHeld}
            </Button>
          </li>
        ))}
      </ul>
    </TitledCard>
  );
}
