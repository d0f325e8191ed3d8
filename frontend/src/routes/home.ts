import { createRoute } from "@tanstack/react-router";
import { Home } from "../features/home/Home";
import { rootRoute } from "./root";

export const homeRoute = createRoute({ getParentRoute: () => rootRoute, path: "/", component: Home });
