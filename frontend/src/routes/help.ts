import { createRoute } from "@tanstack/react-router";
import { Help } from "../features/help/Help";
import { rootRoute } from "./root";

export const helpRoute = createRoute({ getParentRoute: () => rootRoute, path: "/help", component: Help });
