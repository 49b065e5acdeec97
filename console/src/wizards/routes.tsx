import { type AnyRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router";

/** The wizards of every kind, below a cluster or a project. */
export const wizardRoutes = (parent: AnyRoute) => [
  createRoute({ getParentRoute: () => parent, path: "/$kind/create", component: lazyRouteComponent(() => import("./pages"), "CreatePage") }),
  createRoute({ getParentRoute: () => parent, path: "/$kind/$name/edit", component: lazyRouteComponent(() => import("./pages"), "EditPage") }),
];
