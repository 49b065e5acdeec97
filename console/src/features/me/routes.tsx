import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "@/router/roots";

export const meRoutes = [createRoute({ getParentRoute: () => root, path: "/me", component: lazyRouteComponent(() => import("./MePage")) })];
