import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { root } from "@/router/roots";

export const homeRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: "/",
    beforeLoad: () => {
      throw redirect({ to: "/home" as never });
    },
  }),
  createRoute({ getParentRoute: () => root, path: "/home", component: lazyRouteComponent(() => import("./Home")) }),
];
