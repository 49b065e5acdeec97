/** All pages. A page's code is loaded when it is first wanted. */
import { createRouter } from "@tanstack/react-router";
import { homeRoutes } from "@/features/home/routes";
import { kindRoutes } from "@/features/kinds/routes";
import { clusterRoutes, devopsRoutes, meRoute, platformRoutes, projectRoutes, workspaceRoutes } from "@/features/routes";
import { wizardRoutes } from "@/wizards/routes";
import { clusterRoot, devopsRoot, platformRoot, projectRoot, root, workspaceRoot } from "./roots";

const tree = root.addChildren([
  ...homeRoutes,
  meRoute,
  platformRoot.addChildren(platformRoutes),
  clusterRoot.addChildren([...clusterRoutes, ...wizardRoutes(clusterRoot), ...kindRoutes(clusterRoot)]),
  workspaceRoot.addChildren(workspaceRoutes),
  projectRoot.addChildren([...projectRoutes, ...wizardRoutes(projectRoot), ...kindRoutes(projectRoot)]),
  devopsRoot.addChildren(devopsRoutes),
]);

// Search parameters are plain text: a name that looks like a number stays a name.
const parseSearch = (search: string) => Object.fromEntries(new URLSearchParams(search));
const stringifySearch = (search: Record<string, unknown>) => {
  const pairs = Object.entries(search).flatMap(([key, value]) => (value ? [[key, String(value)]] : []));
  return pairs.length ? `?${new URLSearchParams(pairs)}` : "";
};

export const router = createRouter({ routeTree: tree, defaultPreload: "intent", scrollRestoration: false, parseSearch, stringifySearch });
