import { createRoute } from "@tanstack/react-router";
import { NewRequest } from "../features/requests/NewRequest";
import { rootRoute } from "./root";

export const newRequestRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/collaboration/new",
  component: () => <NewRequest edit="" />,
});
