import { createRoute } from "@tanstack/react-router";
import { NewRequest } from "../features/requests/NewRequest";
import { rootRoute } from "./root";

export const editRequestRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/collaboration/edit/$id",
  component: EditRequest,
});

function EditRequest() {
  const { id } = editRequestRoute.useParams();
  return <NewRequest key={id} edit={id} />;
}
