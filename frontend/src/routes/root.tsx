import { createRootRoute, Navigate } from "@tanstack/react-router";
import { Layout } from "../app/Layout";

export const rootRoute = createRootRoute({
  component: Layout,
  notFoundComponent: () => <Navigate to="/" replace />,
});
