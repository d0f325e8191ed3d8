// Maps a change event to the query keys to invalidate.
import type { Change } from "../api/types";

export type QueryName =
  | "session"
  | "totals"
  | "requests"
  | "request"
  | "accounts"
  | "agency"
  | "relay"
  | "members"
  | "devices"
  | "connections"
  | "todos"
  | "recent"
  | "days"
  | "outbox"
  | "search"
  | "preview"
  | "webhooks"
  | "domain"
  | "offboarding";

const any = (list: string[] | null): boolean => list !== null && list.length > 0;

export type Key = readonly [QueryName] | readonly [QueryName, string];

/** The keys to ask for again, each once; an id behind "request" narrows it to one. */
export function staleKeys(c: Change): Key[] {
  const named = new Set<QueryName>();
  const stale: Key[] = [];
  const add = (...names: QueryName[]) => {
    for (const name of names) {
      if (!named.has(name)) stale.push([name]);
      named.add(name);
    }
  };
  if (c.all) {
    add(
      "session",
      "totals",
      "requests",
      "request",
      "accounts",
      "agency",
      "relay",
      "members",
      "devices",
      "connections",
      "todos",
      "recent",
      "days",
      "outbox",
      "search",
      "preview",
      "webhooks",
      "domain",
      "offboarding",
    );
    return stale;
  }
  if (c.offboardings) add("offboarding", "todos");
  if (c.session) add("session", "totals", "outbox", "todos");
  if (c.agency) add("agency", "session", "preview", "todos", "webhooks", "domain");
  if (any(c.requests)) {
    add("totals", "requests", "todos", "recent", "days", "search");
    for (const id of c.requests ?? []) stale.push(["request", id]);
  }
  if (any(c.items)) {
    add("totals", "accounts", "requests", "request", "todos", "search");
  }
  if (any(c.members)) add("members", "session");
  if (any(c.devices)) add("devices", "todos", "totals", "session");
  if (any(c.connections)) add("connections", "todos", "totals");
  // Another computer of the agency may have found that a sign-in or an app does not work.
  if ((c.agency || any(c.connections)) && !named.has("accounts")) stale.push(["accounts", "causes"]);
  return stale;
}

/**
 * Fetches keys again, one fetch per key at a time. A change during a fetch starts one more after it: cancelling the
 * running one each time would keep a busy screen from ever showing anything.
 */
export function serialize(ask: (key: Key) => Promise<unknown>): (key: Key) => void {
  const running = new Map<string, boolean>(); // whether to ask again
  return (key) => {
    const name = key.join(" ");
    if (running.has(name)) {
      running.set(name, true);
      return;
    }
    running.set(name, false);
    const next = (): void => {
      if (running.get(name)) {
        running.set(name, false);
        ask(key).then(next, next);
      } else {
        running.delete(name);
      }
    };
    ask(key).then(next, next);
  };
}
