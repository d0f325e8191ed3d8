// What can be asked for, as Go lists it: in the order in which a client meets them.
import type { Platform, RelayView, Service, ServiceView } from "../api/types";

export interface Services {
  all: ServiceView[];
  /** By its own id, or by that of the platform that answers for it. */
  of: (id: Service | Platform) => ServiceView;
}

/** An unknown one has its id for a name: a relay may have more than this hub. */
const unknown = (id: string): ServiceView => ({ id, platform: id, name: id, level: "", icon: "", key: null });

export function servicesOf(all: ServiceView[]): Services {
  const found = new Map(all.flatMap((s) => [[s.id, s] as const, [s.platform, s] as const]));
  return { all, of: (id) => found.get(id) ?? unknown(id) };
}

/** Reports whether requests can ask for a platform: as long as nothing else is known they can. */
export const isOffered = (relay: RelayView | undefined, platform: Platform): boolean =>
  relay?.platforms.find((p) => p.platform === platform)?.offered !== false;

/** Reports whether requests can ask for a platform, if only by hand. */
export const canBeAsked = (relay: RelayView | undefined, platform: Platform): boolean =>
  isOffered(relay, platform) || relay?.platforms.find((p) => p.platform === platform)?.by_hand === true;
