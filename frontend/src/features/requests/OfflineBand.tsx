import { IconCloudOff } from "@tabler/icons-react";
import { useApp } from "../../lib/app";
import { clock } from "../../lib/dates";
import { t } from "../../strings/en";

/** Why the relay is not reached, and how old the data on the screen is. */
export function OfflineBand() {
  const { session } = useApp();
  if (session.obstacle === "" || session.state !== "enrolled") return null;
  const why = t.obstacle[session.obstacle];
  return (
    <div className="banner" role="status">
      <IconCloudOff size={17} stroke={1.75} aria-hidden="true" />
      {session.read_until ? t.sync.band(why, clock(session.read_until)) : t.sync.bandNever(why)}
    </div>
  );
}
