import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { memberRoutes, roleRoutes } from "@/features/access/routes";
import { auditRoute } from "@/features/audit/routes";
import { platformRoot } from "@/router/roots";

const at = <T extends string>(path: T, component: ReturnType<typeof lazyRouteComponent>) => createRoute({ getParentRoute: () => platformRoot, path, component });

export const platformRoutes = [
  createRoute({
    getParentRoute: () => platformRoot,
    path: "/",
    beforeLoad: () => {
      throw redirect({ to: "/platform/workspaces" as never });
    },
  }),
  at("/workspaces", lazyRouteComponent(() => import("./Workspaces"))),
  at("/clusters", lazyRouteComponent(() => import("./Clusters"))),
  at("/users", lazyRouteComponent(() => import("./Users"))),
  at("/users/$user", lazyRouteComponent(() => import("./UserPage"))),
  at("/identity", lazyRouteComponent(() => import("./Providers"))),
  at("/identity/create", lazyRouteComponent(() => import("./ProviderPage"))),
  at("/identity/$provider", lazyRouteComponent(() => import("./ProviderPage"))),
  ...memberRoutes(platformRoot),
  ...roleRoutes(platformRoot),
  auditRoute(platformRoot),
];
