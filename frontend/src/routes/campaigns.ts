import { createRoute } from "@tanstack/react-router";
import { Campaigns } from "../features/campaigns/Campaigns";
import { rootRoute } from "./root";

export const campaignsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/campaigns",
  component: Campaigns,
});
