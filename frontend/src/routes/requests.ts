import { createRoute, redirect } from "@tanstack/react-router";
import { Requests } from "../features/requests/Requests";
import { knownServices } from "../lib/data";
import { readRequestsSearch } from "../lib/search";
import { rootRoute } from "./root";

export const requestsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/collaboration",
  validateSearch: (raw) => readRequestsSearch(raw, knownServices()),
  component: Requests,
});

/** Anything else leads to the list. */
export const unknownRequestsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/collaboration/$unknown",
  beforeLoad: () => {
    throw redirect({ to: "/collaboration", replace: true });
  },
});
