import { type AnyRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router";

export const auditRoute = (parent: AnyRoute) => createRoute({ getParentRoute: () => parent, path: "/audit", component: lazyRouteComponent(() => import("./AuditPage")) });
