import { useDebouncedValue } from "@mantine/hooks";
import { IconAlertTriangle, IconCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { api } from "../../api/client";
import type { RelayProbe } from "../../api/types";
import { toUiError } from "../../lib/errors";
import { mayBeRelay } from "../../lib/relayAddress";
import { t } from "../../strings/en";
import { useDelayedFlag } from "../../ui/useDelayedFlag";
import css from "./RelayLine.module.css";

interface RelayLineProps {
  typed: string;
  /** The address may be asked. */
  ask: boolean;
  otherwise: string;
  onUse: (address: string) => void;
}

/** What is at the address, before a code is used up for it. */
export function RelayLine({ typed, ask, otherwise, onUse }: RelayLineProps) {
  const [address] = useDebouncedValue(typed.trim(), 600);
  const settled = address === typed.trim();
  const probe = useQuery({
    queryKey: ["relay-at", address],
    queryFn: () => api.findRelay({ address }),
    enabled: ask && mayBeRelay(address),
    staleTime: 0,
    gcTime: 0,
  });
  const looking = useDelayedFlag(ask && mayBeRelay(typed.trim()) && (!settled || probe.isFetching), 500);
  const found = settled ? probe.data : undefined;
  if (found) return <Found probe={found} onUse={onUse} />;
  const failed = settled && probe.isError && ask ? toUiError(probe.error).message : otherwise;
  return (
    <span role="status" className={css.line}>
      {looking ? t.first.relayLooking : failed}
    </span>
  );
}

function Found({ probe, onUse }: { probe: RelayProbe; onUse: (address: string) => void }) {
  const elsewhere = probe.state === "elsewhere";
  const good = elsewhere || probe.state === "found";
  return (
    <span role="status" className={css.line} data-good={good}>
      {good ? (
        <IconCheck size={15} stroke={2} aria-hidden="true" />
      ) : (
        <IconAlertTriangle size={15} stroke={1.75} aria-hidden="true" />
      )}
      <span>{t.first.relayAt[probe.state](elsewhere ? probe.address : probe.operator)}</span>
      {elsewhere && (
        <button type="button" className="link" onClick={() => onUse(probe.address)}>
          {t.first.relayUse}
        </button>
      )}
    </span>
  );
}
