import { IconCloudOff } from "@tabler/icons-react";
import { useApp } from "../../lib/app";
import { clock } from "../../lib/dates";
import { t } from "../../strings/en";

/** How old the data on the screen is, while there is no network. */
export function OfflineBand() {
  const { online, session } = useApp();
  if (online || session.state !== "enrolled") return null;
  return (
    <div className="banner" role="status">
      <IconCloudOff size={17} stroke={1.75} aria-hidden="true" />
      {session.read_until ? t.sync.band(clock(session.read_until)) : t.sync.bandNever}
    </div>
  );
}
