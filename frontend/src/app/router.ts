import { createHashHistory, createRouter, type RouterHistory } from "@tanstack/react-router";
import { parseSearch, stringifySearch } from "../lib/search";
import { accountsRoute } from "../routes/accounts";
import { brandRoute } from "../routes/brand";
import { campaignsRoute } from "../routes/campaigns";
import { editRequestRoute } from "../routes/editRequest";
import { endClientRoute } from "../routes/endClient";
import { helpRoute } from "../routes/help";
import { homeRoute } from "../routes/home";
import { newRequestRoute } from "../routes/newRequest";
import { offboardingRoute } from "../routes/offboarding";
import { requestsRoute, unknownRequestsRoute } from "../routes/requests";
import { rootRoute } from "../routes/root";
import { sendRequestRoute } from "../routes/sendRequest";
import { settingsRoute, settingsTabRoute } from "../routes/settings";

const routeTree = rootRoute.addChildren([
  homeRoute,
  requestsRoute,
  unknownRequestsRoute,
  newRequestRoute,
  editRequestRoute,
  sendRequestRoute,
  endClientRoute,
  offboardingRoute,
  brandRoute,
  accountsRoute,
  campaignsRoute,
  settingsRoute,
  settingsTabRoute,
  helpRoute,
]);

/** The address is the part behind "#": one page, served as a file. */
export function createAppRouter(history: RouterHistory = createHashHistory()) {
  const router = createRouter({
    routeTree,
    history,
    parseSearch,
    stringifySearch,
    disableGlobalCatchBoundary: true, // ErrorBoundary of the layout reports what it catches
  });
  // RouterProvider follows the address only while it is shown: not before, and not during the first run. One
  // subscriber: this one alone.
  history.subscribe(() => {
    if (history.subscribers.size === 1) void router.load();
  });
  return router;
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
