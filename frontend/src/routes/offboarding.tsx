import { createRoute } from "@tanstack/react-router";
import { OffboardingScreen } from "../features/offboarding/OffboardingScreen";
import { rootRoute } from "./root";

export const offboardingRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/collaboration/ended/$id",
  component: Show,
});

function Show() {
  const { id } = offboardingRoute.useParams();
  return <OffboardingScreen key={id} id={id} />;
}
