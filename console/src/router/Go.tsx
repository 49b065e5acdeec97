/** Links and moves by address; addresses are made of data here, so they are plain text. */
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type AnchorHTMLAttributes, type ReactNode, useCallback } from "react";

export type Search = Record<string, string | undefined>;

interface Props extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "href"> {
  to: string;
  search?: Search;
  activeClass?: string;
  exact?: boolean;
  children: ReactNode;
}

export function Go({ to, search, activeClass, exact, children, ...rest }: Props) {
  return (
    <Link
      to={to as never}
      search={(search ?? {}) as never}
      activeOptions={{ exact: exact ?? false, includeSearch: false }}
      activeProps={activeClass ? { className: activeClass, "aria-current": "page" } : {}}
      {...rest}
    >
      {children}
    </Link>
  );
}

export function useGo(): (to: string, search?: Search, replace?: boolean) => void {
  const navigate = useNavigate();
  return useCallback(
    (to, search, replace) => void navigate({ to: to as never, search: (search ?? {}) as never, replace }),
    [navigate],
  );
}

/** What stands behind the question mark, and a way to change some of it; an empty value leaves it out. */
export function useSearchState(): [Search, (change: Search) => void] {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const change = useCallback(
    (wanted: Search) =>
      void navigate({
        to: "." as never,
        replace: true,
        search: ((now: Search) => Object.fromEntries(Object.entries({ ...now, ...wanted }).filter(([, value]) => value))) as never,
      }),
    [navigate],
  );
  return [search, change];
}
