// What the screens read, kept by TanStack Query and asked for again when Go
// says that it has changed.
import {
  keepPreviousData,
  QueryClient,
  queryOptions,
  useQueries,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { api } from "../api/client";
import { on } from "../api/transport";
import type {
  AccountsParams,
  ItemRow,
  ListParams,
  PreviewParams,
  RequestRow,
  ServiceView,
  Timestamp,
} from "../api/types";
import { serialize, staleKeys } from "./changes";
import { startOfDay } from "./dates";
import { pagesOf, perPage, type Span } from "./listPages";
import { servicesOf } from "./services";

export const queries = new QueryClient({
  defaultOptions: {
    // Go tells what has changed: nothing is asked for by time or by focus.
    queries: {
      staleTime: Infinity,
      gcTime: 10 * 60_000,
      retry: false,
      refetchOnWindowFocus: false,
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});

/** The time, to the half minute. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** What was asked for yesterday, such as which links end within seven days, is asked for again today. */
export function useMidnight(now: Timestamp): void {
  const today = startOfDay(now);
  const asked = useRef(today);
  useEffect(() => {
    if (asked.current === today) return;
    asked.current = today;
    void queries.invalidateQueries();
  }, [today]);
}

export const defaultListParams: ListParams = {
  filter: "",
  search: "",
  service: "",
  since: 0,
  until: 0,
  sort: "",
  ascending: false,
  after: "",
  skip: 0,
  limit: 0,
};
export const defaultAccountsParams: AccountsParams = {
  search: "",
  platform: "",
  managed: "",
  attention: false,
  kind: "",
  advertise: false,
  results: false,
  sort: "name",
  descending: false,
  after: "",
  skip: 0,
  limit: 0,
};
export const expiringRequests: ListParams = {
  ...defaultListParams,
  filter: "expiring",
  sort: "end",
  ascending: true,
  limit: 6,
};
export const recentEvents = 8;

/** How many todos of each kind are read: fewer is all that there are. */
export const todosPerKind = 50;

const session = queryOptions({ queryKey: ["session"], queryFn: api.session });
const preferences = queryOptions({ queryKey: ["preferences"], queryFn: api.preferences });
const services = queryOptions({ queryKey: ["services"], queryFn: api.services, select: servicesOf });
const totals = queryOptions({ queryKey: ["totals"], queryFn: api.totals });
const todos = queryOptions({ queryKey: ["todos"], queryFn: () => api.todos({ limit: todosPerKind }) });
const recent = (limit: number) => queryOptions({ queryKey: ["recent", limit], queryFn: () => api.recent({ limit }) });
/** The last 30 days, today included. */
const daysUntil = (today: Timestamp) =>
  queryOptions({
    queryKey: ["days", today],
    queryFn: () => api.days({ bounds: Array.from({ length: 31 }, (_, n) => startOfDay(today, n - 29)) }),
  });
const preflight = (id: string, online: boolean) =>
  queryOptions({ queryKey: ["preflight", id, online], queryFn: () => api.preflight({ id }), staleTime: 0 });
const firstRequests = (q: ListParams) =>
  queryOptions({ queryKey: ["requests", "first", q], queryFn: () => api.requests(q).then((page) => page.requests) });

/**
 * Subscribes to changes and prefetches the home screen. Called once, before there is a screen. Resolves when all is
 * loaded, or after firstPaintTimeout, so that the screen is painted once; a query that failed is tried again by it.
 */
export function prefetchHome(): Promise<unknown> {
  const invalidate = serialize((key) => {
    const queryKey = [...key];
    // An answer that is on its way to no screen yet is as old as any other.
    const early = queries.isFetching({ queryKey, type: "inactive" }) > 0;
    return queries.invalidateQueries({ queryKey, refetchType: early ? "all" : "active" });
  });
  on("hub:changed", (change) => staleKeys(change).forEach(invalidate));
  on("window:again", () => void queries.invalidateQueries());
  const asked = Promise.all([
    queries.prefetchQuery(session),
    queries.prefetchQuery(preferences),
    prefetchServices(),
    queries.prefetchQuery(totals),
    queries.prefetchQuery(todos),
    queries.prefetchQuery(recent(recentEvents)),
    queries.prefetchQuery(daysUntil(startOfDay(Date.now()))),
    queries.prefetchQuery(firstRequests(expiringRequests)),
  ]);
  return Promise.race([asked, new Promise((late) => setTimeout(late, firstPaintTimeout))]);
}

/** Asks for the services, which the addresses of lists name: no address is read before they are there. */
export const prefetchServices = (): Promise<void> => queries.prefetchQuery(services);

/** The services, as far as they are known yet. */
export const knownServices = (): ServiceView[] => queries.getQueryData(services.queryKey) ?? [];

/** Milliseconds after which the first screen is shown without what is not there yet. */
const firstPaintTimeout = 250;

export const useSession = () => useQuery(session);
export const useTotals = () => useQuery(totals);
export const useServicesQuery = () => useQuery(services);
export const usePreferences = () => useQuery(preferences);
export const useRequest = (id: string) =>
  useQuery({ queryKey: ["request", id], queryFn: () => api.request({ id }), enabled: id !== "" });
/** Whether a request's history is whole: asked for again when the request has changed. */
export const useHistory = (id: string, enabled: boolean) =>
  useQuery({ queryKey: ["request", id, "history"], queryFn: () => api.history({ id }), enabled });
export const useAgency = () => useQuery({ queryKey: ["agency"], queryFn: api.agency });
export const useRelay = () => useQuery({ queryKey: ["relay"], queryFn: api.relay });
export const useConnections = () => useQuery({ queryKey: ["connections"], queryFn: api.connections });
/** Asked for again with the accounts: a cause begins and ends with their checks. */
export const useCauses = () => useQuery({ queryKey: ["accounts", "causes"], queryFn: api.causes });
export const useNews = () => useQuery({ queryKey: ["news"], queryFn: api.news });
export const useMembers = () => useQuery({ queryKey: ["members"], queryFn: api.members });
export const useDevices = () => useQuery({ queryKey: ["devices", "seen"], queryFn: api.devices });
export const useOpenCodes = (enabled = true) =>
  useQuery({ queryKey: ["devices", "codes"], queryFn: api.openCodes, enabled });
export const usePendingDevices = () => useQuery({ queryKey: ["devices", "pending"], queryFn: api.pendingDevices });
/** How the relay is: it examines itself every minute at most, and sooner where something fails. */
export const useCheckup = () => useQuery({ queryKey: ["checkup"], queryFn: api.checkup, staleTime: 60_000 });
/** Asked for with each visit: this computer has no copy. */
export const useWebhooks = () => useQuery({ queryKey: ["webhooks"], queryFn: api.webhooks, staleTime: 0 });
/** Asked for with each visit: this computer has no copy. */
export const useOwnDomain = () => useQuery({ queryKey: ["domain"], queryFn: api.ownDomain, staleTime: 0 });
/** What a request needs before it is sent: asked for with each visit, and once the relay is reached. */
export const usePreflight = (id: string, online: boolean) => useQuery(preflight(id, online));
/** Whether an invitation would lead nowhere. What cannot be checked keeps nobody from sending. */
export const stopsSending = (id: string, online: boolean): Promise<boolean> =>
  queries.fetchQuery(preflight(id, online)).then(
    ({ stops }) => stops,
    () => false,
  );
/** What ending a client would do, without some accounts: asked for with each visit. */
/** Nothing chosen yet: without what this computer cannot ask the platforms about. */
export const usePlanOffboarding = (request: string, without: string[] | null) =>
  useQuery({
    queryKey: ["offboarding", "plan", request, without],
    queryFn: () => api.planOffboarding({ request, first: without === null, without: without ?? [] }),
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
export const useOffboarding = (id: string) =>
  useQuery({ queryKey: ["offboarding", id], queryFn: () => api.offboarding({ id }) });
export const useTodos = () => useQuery(todos);
export const useRecent = (limit: number) => useQuery(recent(limit));
export const useDays = (now: Timestamp) =>
  useQuery({ ...daysUntil(startOfDay(now)), placeholderData: keepPreviousData });
export const useCampaigns = () => useQuery({ queryKey: ["campaigns"], queryFn: api.campaigns });
export const useOutbox = () => useQuery({ queryKey: ["outbox"], queryFn: api.outbox });
export const useSearch = (typed: string) =>
  useQuery({
    queryKey: ["search", typed],
    queryFn: () => api.search({ text: typed }),
    enabled: typed !== "",
    placeholderData: keepPreviousData,
  });

/** A list of any length, of which only the pages in sight are held. */
export interface PagedRows<T> {
  total: number;
  at: (n: number) => T | undefined;
  /** Called by the table with the visible row range. */
  onVisibleRange: (span: Span) => void;
  is: "loading" | "shown" | "stale" | "failed";
  error: unknown;
  refetch: () => void;
}

/** How long pages out of sight are cached, in ms: a list of a hundred thousand is not. */
const pageCacheTime = 30_000;

function usePagedRows<Q extends { skip: number; limit: number }, T>(
  kind: "requests" | "accounts",
  q: Q,
  read: (q: Q) => Promise<T[]>,
  count: (q: Q) => Promise<number>,
): PagedRows<T> {
  const client = useQueryClient();
  const [sight, setSight] = useState<{ of: Q; span: Span }>({ of: q, span: { from: 0, to: 0 } });
  const onVisibleRange = useCallback(
    (span: Span) =>
      setSight((now) =>
        now.of === q && now.span.from === span.from && now.span.to === span.to ? now : { of: q, span },
      ),
    [q],
  );
  const pages = pagesOf(sight.of === q ? sight.span : { from: 0, to: 0 }); // another list begins at its top
  const counted = useQuery({ queryKey: [kind, "count", q], queryFn: () => count(q) });
  const fetched = useQueries({
    queries: pages.map((page) => ({
      queryKey: [kind, "page", q, page] as const,
      queryFn: () => read({ ...q, skip: page * perPage, limit: perPage }),
      gcTime: pageCacheTime,
    })),
  });
  const rows = new Map<number, T>();
  for (const [n, page] of fetched.entries()) {
    for (const [i, row] of (page.data ?? []).entries()) rows.set((pages[n] ?? 0) * perPage + i, row);
  }
  const last = useRef<{ of: Q; rows: Map<number, T>; total: number } | null>(null);
  // A page that is there is shown before all is counted.
  const total = counted.data ?? Math.max(-1, ...rows.keys()) + 1;
  const arrived = fetched.every((page) => page.data !== undefined);
  useEffect(() => {
    if (arrived) last.current = { of: q, rows, total };
  });
  const failed = fetched.find((page) => page.isError);
  const before = last.current;
  if (!arrived && !failed && before && before.of !== q) {
    // What was shown stays in sight until what is asked for now is there.
    return { total: before.total, at: (n) => before.rows.get(n), onVisibleRange, is: "stale", error: null, refetch };
  }
  return {
    total,
    at: (n) => rows.get(n),
    onVisibleRange,
    is: failed && rows.size === 0 ? "failed" : rows.size === 0 && !arrived && total === 0 ? "loading" : "shown",
    error: failed?.error ?? null,
    refetch,
  };

  function refetch() {
    void client.invalidateQueries({ queryKey: [kind] });
  }
}

export const useRequests = (q: ListParams): PagedRows<RequestRow> =>
  usePagedRows("requests", q, (of) => api.requests(of).then((page) => page.requests), api.countRequests);
export const useAccounts = (q: AccountsParams): PagedRows<ItemRow> =>
  usePagedRows("accounts", q, (of) => api.accounts(of).then((page) => page.accounts), api.countAccounts);

/** The first rows of a list, for where no more are shown. */
export const useFirstRequests = (q: ListParams) => useQuery({ ...firstRequests(q), placeholderData: keepPreviousData });
export const useFirstAccounts = (q: AccountsParams) =>
  useQuery({ queryKey: ["accounts", "first", q], queryFn: () => api.accounts(q), placeholderData: keepPreviousData });
export const useAccountCount = (q: AccountsParams) =>
  useQuery({
    queryKey: ["accounts", "count", q],
    queryFn: () => api.countAccounts(q),
    placeholderData: keepPreviousData,
  });

/** The address of a preview; the one before stays until the next is there. */
export const usePreview = (q: PreviewParams, enabled = true) =>
  useQuery({
    queryKey: ["preview", q],
    queryFn: () => api.preview(q),
    enabled,
    placeholderData: keepPreviousData,
    gcTime: 30_000,
  });

/** Debounce for local searches, in ms. */
export const localSearchDebounce = 10;
