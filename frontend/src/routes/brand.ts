import { createRoute } from "@tanstack/react-router";
import { BrandSettings } from "../features/brand/BrandSettings";
import { rootRoute } from "./root";

export const brandRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/collaboration/settings",
  component: BrandSettings,
});
