import { createRoute } from "@tanstack/react-router";
import { SendRequest } from "../features/requests/SendRequest";
import { rootRoute } from "./root";

export const sendRequestRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/collaboration/send/$id",
  component: Send,
});

function Send() {
  const { id } = sendRequestRoute.useParams();
  return <SendRequest key={id} id={id} />;
}
