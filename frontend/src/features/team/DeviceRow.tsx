import { Button } from "@mantine/core";
import { IconDeviceLaptop } from "@tabler/icons-react";
import type { DeviceView } from "../../api/types";
import { useApp } from "../../lib/app";
import { ago, daysBetween } from "../../lib/dates";
import { t } from "../../strings/en";
import css from "./Members.module.css";
import type { TeamTask } from "./TeamDialog";

/** From then on, a device that was not seen stands out. */
const awayDays = 30;

export function DeviceRow({ device, onTask }: { device: DeviceView; onTask: (task: TeamTask) => void }) {
  const { session, now } = useApp();
  const here = device.id === session.device;
  const away = device.last_seen ? daysBetween(device.last_seen, now) : 0;
  const seen = device.last_seen ? ago(device.last_seen, now) : "–";
  return (
    <div className={css.device}>
      <IconDeviceLaptop size={16} stroke={1.75} aria-hidden="true" className={css.icon} />
      <span className="trunc" title={device.name}>
        {device.name}
      </span>
      <button
        type="button"
        onClick={() => onTask({ is: "held", device })}
        className={`trunc ${css.holds}`}
        data-attention={device.waiting > 0 || away > awayDays || undefined}
      >
        {holds(device, away, here)}
        <span className="sr">{t.settings.showHeld(device.name)}</span>
      </button>
      <span className={css.seen}>{here ? "now" : seen}</span>
      <Button
        size="xs"
        variant="subtle"
        className={css.revoke}
        onClick={() => onTask({ is: "revoke", device })}
        aria-label={`${t.settings.revoke} ${device.name}`}
      >
        {t.settings.revoke}
      </Button>
    </div>
  );
}

function holds(device: DeviceView, away: number, here: boolean): string {
  if (device.waiting > 0) return t.settings.waitsFor(device.waiting);
  if (away > awayDays) return t.settings.notSeen(away);
  const credentials = t.settings.credentials(device.credential_count);
  return here ? `${t.settings.thisComputer} · ${credentials}` : credentials;
}
