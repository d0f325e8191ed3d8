import { useQueries } from "@tanstack/react-query";
import { useId } from "react";
import { api } from "../../api/client";
import type { DeviceCredentialRow, DeviceView } from "../../api/types";
import { useApp } from "../../lib/app";
import { useDevices } from "../../lib/data";
import { isRepairOpen } from "../../lib/repair";
import { t } from "../../strings/en";
import { LostCredentials } from "../team/LostCredentials";

/** How long ago, and how many at most, are looked at: each is a call of the relay. */
const days = 90;
const most = 3;

/** Computers that are gone with credentials that no other one has: all repair links are one click away. */
export function LostComputers() {
  const { online, now } = useApp();
  const devices = useDevices().data ?? [];
  const gone = devices
    .filter((d) => d.revoked > now - days * 24 * 60 * 60 * 1000)
    .sort((a, b) => b.revoked - a.revoked)
    .slice(0, most);
  const held = useQueries({
    queries: gone.map((d) => ({
      queryKey: ["held", d.id],
      queryFn: () => api.deviceCredentials({ id: d.id }),
      enabled: online,
    })),
  });
  return (
    <>
      {gone.map((d, n) => {
        const rows = (held[n]?.data?.credentials ?? []).filter((r) => r.lost && !isRepairOpen(r.repair, now));
        return rows.length > 0 && <LostComputer key={d.id} device={d} rows={rows} />;
      })}
    </>
  );
}

function LostComputer({ device, rows }: { device: DeviceView; rows: DeviceCredentialRow[] }) {
  const id = useId();
  return (
    <section className="card" aria-labelledby={id}>
      <h2 id={id}>{t.home.lostComputer(device.name)}</h2>
      <div className="line tall">
        <LostCredentials rows={rows} />
      </div>
    </section>
  );
}
