import { createRoute } from "@tanstack/react-router";
import { EndClient } from "../features/offboarding/EndClient";
import { rootRoute } from "./root";

export const endClientRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/collaboration/end/$id",
  component: Show,
});

function Show() {
  const { id } = endClientRoute.useParams();
  return <EndClient key={id} id={id} />;
}
