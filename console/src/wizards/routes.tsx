import { type AnyRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router";

/** Making a new object of any kind, below a cluster or a project. */
export const wizardRoutes = (parent: AnyRoute) => [
  createRoute({ getParentRoute: () => parent, path: "/$kind/create", component: lazyRouteComponent(() => import("./CreatePage")) }),
];
