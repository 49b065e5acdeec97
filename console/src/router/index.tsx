/** All pages. A page's code is loaded when it is first wanted. */
import { createRouter } from "@tanstack/react-router";
import { homeRoutes } from "@/features/home/routes";
import { kindRoutes } from "@/features/kinds/routes";
import { wizardRoutes } from "@/wizards/routes";
import { clusterRoot, devopsRoot, platformRoot, projectRoot, root, workspaceRoot } from "./roots";

const tree = root.addChildren([
  ...homeRoutes,
  platformRoot,
  clusterRoot.addChildren([...wizardRoutes(clusterRoot), ...kindRoutes(clusterRoot)]),
  workspaceRoot,
  projectRoot.addChildren([...wizardRoutes(projectRoot), ...kindRoutes(projectRoot)]),
  devopsRoot,
]);

// Search parameters are plain text: a name that looks like a number stays a name.
const parseSearch = (search: string) => Object.fromEntries(new URLSearchParams(search));
const stringifySearch = (search: Record<string, unknown>) => {
  const pairs = Object.entries(search).flatMap(([key, value]) => (value ? [[key, String(value)]] : []));
  return pairs.length ? `?${new URLSearchParams(pairs)}` : "";
};

export const router = createRouter({ routeTree: tree, defaultPreload: "intent", scrollRestoration: false, parseSearch, stringifySearch });
