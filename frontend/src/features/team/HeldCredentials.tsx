import { Loader } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api } from "../../api/client";
import type { DeviceCredentialRow } from "../../api/types";
import { useApp, useServices } from "../../lib/app";
import { dotted } from "../../lib/bidi";
import { copyText } from "../../lib/clipboard";
import { toUiError } from "../../lib/errors";
import { repairText } from "../../lib/repair";
import type { Services } from "../../lib/services";
import { t } from "../../strings/en";
import { ErrorLine } from "../../ui/ErrorCard";
import { PlatformTile } from "../../ui/PlatformTile";
import css from "./HeldCredentials.module.css";
import { LostCredentials } from "./LostCredentials";

/** What a computer holds, or held: read from the relay when it is asked for. */
export function HeldCredentials({ device }: { device: string }) {
  const services = useServices();
  const { now } = useApp();
  const held = useQuery({
    queryKey: ["held", device],
    queryFn: () => api.deviceCredentials({ id: device }),
    staleTime: 0,
    gcTime: 0,
  });
  if (held.isPending)
    return (
      <p className={css.loading} role="status">
        <Loader />
        {t.loading}
      </p>
    );
  if (held.isError) {
    const error = toUiError(held.error);
    return <ErrorLine message={error.message} reference={error.reference} />;
  }
  const { credentials: rows, hidden } = held.data;
  if (rows.length + hidden === 0) return <p className="t2">{t.settings.holdsNone}</p>;
  const lines = rows.map((r) => dotted([r.name, secondLine(r, services)]));
  if (hidden > 0) lines.push(t.settings.heldHidden(hidden));
  return (
    <>
      <LostCredentials rows={rows} />
      <ul className={css.list} tabIndex={0} aria-label={t.settings.credentials(rows.length + hidden)}>
        {rows.map((r) => (
          <li key={r.id}>
            <PlatformTile of={r.service} size={22} />
            <span className="two grow">
              <b title={r.name}>{r.name}</b>
              <span className="l2">{dotted([secondLine(r, services), repairText(r.repair, now)])}</span>
            </span>
          </li>
        ))}
        {hidden > 0 && <li className="t3 mid">{t.settings.heldHidden(hidden)}</li>}
      </ul>
      <button type="button" className={`link mid ${css.copy}`} onClick={() => void copyText(lines.join("\n"))}>
        {t.settings.copyList}
      </button>
    </>
  );
}

function secondLine(r: DeviceCredentialRow, services: Services): string {
  if (r.user) return t.settings.heldUser(r.detail);
  return dotted([services.of(r.service).name, r.client || t.settings.heldOwn]);
}
