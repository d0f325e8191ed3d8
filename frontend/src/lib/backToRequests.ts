// The way back to the list of requests, with the search, filters and order that it had.
import { useNavigate, useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { links } from "./links";
import type { RequestsSearch } from "./search";

/** What the list showed last, of each router. */
const shown = new WeakMap<object, RequestsSearch>();

/** Called by the list. */
export function useShownSearch(search: RequestsSearch) {
  const router = useRouter();
  useEffect(() => {
    shown.set(router, search);
  }, [router, search]);
}

export function useBackToRequests(): () => void {
  const router = useRouter();
  const navigate = useNavigate();
  return () => void navigate({ ...links.requests, search: shown.get(router) ?? {} });
}
