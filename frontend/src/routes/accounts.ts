import { createRoute } from "@tanstack/react-router";
import { Accounts } from "../features/accounts/Accounts";
import { knownServices } from "../lib/data";
import { readAccountsSearch } from "../lib/search";
import { rootRoute } from "./root";

export const accountsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/accounts",
  validateSearch: (raw) => readAccountsSearch(raw, knownServices()),
  component: Accounts,
});
