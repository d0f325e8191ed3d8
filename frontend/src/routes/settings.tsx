import { createRoute, redirect } from "@tanstack/react-router";
import { Settings } from "../features/settings/Settings";
import { readSettingsTab } from "../lib/search";
import { rootRoute } from "./root";

export const settingsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/settings",
  beforeLoad: () => {
    throw redirect({ to: "/settings/$tab", params: { tab: "team" }, replace: true });
  },
});

export const settingsTabRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/settings/$tab",
  params: { parse: ({ tab }) => ({ tab: readSettingsTab(tab) }), stringify: ({ tab }) => ({ tab }) },
  component: SettingsTab,
});

function SettingsTab() {
  const { tab } = settingsTabRoute.useParams();
  return <Settings tab={tab} />;
}
