// Which of the things that the screens hold is out of date after a change.
import type { Change } from "../bridge";

export type Held =
  | "standing" | "totals" | "requests" | "request" | "accounts" | "item" | "agency" | "relay" | "members" | "devices" | "connections"
  | "needs" | "recent" | "days" | "outbox" | "find" | "preview";

const any = (list: string[] | null): boolean => list !== null && list.length > 0;

/** The keys to ask for again; an id behind "request" or "item" narrows it to one. */
export function outdated(c: Change): (readonly [Held] | readonly [Held, string])[] {
  const held: (readonly [Held] | readonly [Held, string])[] = [];
  const add = (...names: Held[]) => names.forEach((name) => held.push([name]));
  if (c.all) {
    add("standing", "totals", "requests", "request", "accounts", "item", "agency", "relay", "members", "devices", "connections", "needs", "recent", "days", "outbox", "find", "preview");
    return held;
  }
  if (c.standing) add("standing", "totals", "outbox", "needs");
  if (c.agency) add("agency", "standing", "preview");
  if (any(c.requests)) {
    add("totals", "requests", "needs", "recent", "days", "find");
    c.requests?.forEach((id) => held.push(["request", id]));
  }
  if (any(c.items)) {
    add("totals", "accounts", "requests", "request", "needs", "find");
    c.items?.forEach((id) => held.push(["item", id]));
  }
  if (any(c.members)) add("members", "standing");
  if (any(c.devices)) add("devices", "needs", "totals", "standing");
  if (any(c.connections)) add("connections");
  return held;
}
