// What the screens read, kept by TanStack Query and asked for again when Go
// says that it has changed.
import { keepPreviousData, QueryClient, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type AccountsQ, app, type ListQ, on, type PreviewQ } from "../bridge";
import { outdated } from "../state/changes";

export const queries = new QueryClient({
  defaultOptions: {
    // Go tells what has changed: nothing is asked for by time or by focus.
    queries: { staleTime: Infinity, gcTime: 10 * 60_000, retry: false, refetchOnWindowFocus: false, networkMode: "always" },
    mutations: { networkMode: "always" },
  },
});

/** Follows what Go tells; after a gap in the events everything is asked for again. */
export function useChanges() {
  useEffect(() => {
    const changed = on("hub:changed", (change) => {
      for (const key of outdated(change)) void queries.invalidateQueries({ queryKey: [...key] });
    });
    const again = on("window:again", () => void queries.invalidateQueries());
    return () => {
      changed();
      again();
    };
  }, []);
}

/** The time, to the half minute. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

export const useStanding = () => useQuery({ queryKey: ["standing"], queryFn: app.standing });
export const useTotals = () => useQuery({ queryKey: ["totals"], queryFn: app.totals });
export const usePreferences = () => useQuery({ queryKey: ["preferences"], queryFn: app.preferences });
export const useRequest = (id: string) => useQuery({ queryKey: ["request", id], queryFn: () => app.request(id), enabled: id !== "" });
export const useAgency = () => useQuery({ queryKey: ["agency"], queryFn: app.agency });
export const useRelay = () => useQuery({ queryKey: ["relay"], queryFn: app.relay });
export const useConnections = () => useQuery({ queryKey: ["connections"], queryFn: app.connections });
export const useMembers = () => useQuery({ queryKey: ["members"], queryFn: app.members });
export const useDevices = () => useQuery({ queryKey: ["devices", "seen"], queryFn: app.devices });
export const usePendingDevices = () => useQuery({ queryKey: ["devices", "pending"], queryFn: app.pendingDevices });
export const useNeeds = () => useQuery({ queryKey: ["needs"], queryFn: () => app.needs(6) });
export const useRecent = (most: number) => useQuery({ queryKey: ["recent", most], queryFn: () => app.recent(most) });
export const useDays = () => useQuery({ queryKey: ["days"], queryFn: () => app.days(30) });
export const useCampaigns = () => useQuery({ queryKey: ["campaigns"], queryFn: app.campaigns });
export const useOutbox = () => useQuery({ queryKey: ["outbox"], queryFn: app.outbox });
export const useFound = (typed: string) => useQuery({ queryKey: ["find", typed], queryFn: () => app.find(typed), enabled: typed !== "", placeholderData: keepPreviousData });

export const everyRequest: ListQ = { filter: "", search: "", service: "", since: 0, until: 0, sort: "", ascending: false, after: "", limit: 0 };
export const everyAccount: AccountsQ = { search: "", platform: "", managed: "", attention: false, kind: "", sort: "name", descending: false, after: "", limit: 0 };

/** Pages of requests, fetched as they are scrolled to. */
export const useRequests = (q: ListQ) =>
  useInfiniteQuery({
    queryKey: ["requests", "pages", q],
    queryFn: ({ pageParam }) => app.requests({ ...q, after: pageParam }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
  });
export const useRequestCount = (q: ListQ) => useQuery({ queryKey: ["requests", "count", q], queryFn: () => app.countRequests(q), placeholderData: keepPreviousData });

export const useAccounts = (q: AccountsQ) =>
  useInfiniteQuery({
    queryKey: ["accounts", "pages", q],
    queryFn: ({ pageParam }) => app.accounts({ ...q, after: pageParam }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
  });
export const useAccountCount = (q: AccountsQ) => useQuery({ queryKey: ["accounts", "count", q], queryFn: () => app.countAccounts(q), placeholderData: keepPreviousData });

/** The address of a preview; the one before stays until the next is there. */
export const usePreview = (q: PreviewQ, enabled = true) => useQuery({ queryKey: ["preview", q], queryFn: () => app.preview(q), enabled, placeholderData: keepPreviousData, gcTime: 30_000 });

/** What was typed, once the typing has paused. */
export function usePaused<T>(value: T, pause = 200): T {
  const [kept, setKept] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setKept(value), pause);
    return () => clearTimeout(timer);
  }, [value, pause]);
  return kept;
}
