import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { preferences } from "@/api/preferences";
import { queries } from "@/api/queries";
import { root } from "@/router/roots";

export const homeRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: "/",
    beforeLoad: async () => {
      const { landing } = await queries.ensureQueryData(preferences);
      throw redirect({ to: landing as never, replace: true });
    },
  }),
  createRoute({ getParentRoute: () => root, path: "/home", component: lazyRouteComponent(() => import("./Home")) }),
];
