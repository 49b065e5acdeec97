/** The page one is on, as one that can be kept; and the last ones, remembered. */
import { useLocation } from "@tanstack/react-router";
import { useCallback, useEffect } from "react";
import { usePreferences } from "@/api/preferences";
import { isWorthKeeping, type Mark, visited } from "@/lib/marks";
import { useScope } from "@/router/scope";

const SUFFIX = / · Armillary$/;

/** Asked when it is wanted: pages say their names when they are there. */
export function useHere(): () => Mark {
  const { pathname } = useLocation();
  const { level, workspace, project, cluster } = useScope();
  const place = level === "cluster" ? cluster : [workspace, project].filter(Boolean).join(" / ");
  return useCallback(() => ({ to: pathname, name: document.title.replace(SUFFIX, ""), place }), [pathname, place]);
}

const STAYED = 2000;

/** Whoever stays on a page for a moment finds it among the recent ones. */
export function useRemembered(): void {
  const here = useHere();
  const [, change] = usePreferences();
  useEffect(() => {
    const later = setTimeout(() => {
      const mark = here();
      if (isWorthKeeping(mark.to) && mark.name) change(({ recent }) => ({ recent: visited(recent, mark) }));
    }, STAYED);
    return () => clearTimeout(later);
  }, [here, change]);
}
