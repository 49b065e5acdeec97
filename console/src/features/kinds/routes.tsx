import { type AnyRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router";

/** Lists and details of every kind, below a cluster or a project. */
export const kindRoutes = (parent: AnyRoute) => [
  createRoute({ getParentRoute: () => parent, path: "/$kind", component: lazyRouteComponent(() => import("./KindPage")) }),
  createRoute({ getParentRoute: () => parent, path: "/$kind/$name", component: lazyRouteComponent(() => import("./ObjectPage")) }),
];
