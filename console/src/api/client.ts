/** Requests to the origin that served this page. The session is a cookie that script can't read. */
import { i18n } from "@/i18n";
import { ApiError, type Status } from "./errors";

export type Query = Record<string, string | number | boolean | undefined>;

export interface Options {
  query?: Query;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** Ask the platform; `path` stands below /platform/v1. Throws ApiError. */
export function platform<T>(method: string, path: string, options: Options = {}): Promise<T> {
  return request<T>(method, `/platform/v1${path}`, options);
}

/** Ask a cluster's Kubernetes API as the person signed in; `path` begins with /api or /apis. Throws ApiError. */
export function kubernetes<T>(cluster: string, method: string, path: string, options: Options = {}): Promise<T> {
  return request<T>(method, `/clusters/${encodeURIComponent(cluster)}${path}`, options);
}

export async function request<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const headers: Record<string, string> = { accept: "application/json", "accept-language": i18n.locale || "en", ...options.headers };
  let body: string | undefined;
  if (options.body !== undefined) {
    headers["content-type"] ??= "application/json";
    body = typeof options.body === "string" ? options.body : JSON.stringify(options.body);
  }
  const response = await fetch(path + search(options.query), { method, headers, body, signal: options.signal });
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
  if (response.status === 401) return leave();
  throw new ApiError(await statusOf(response), response.status);
}

async function statusOf(response: Response): Promise<Status> {
  try {
    return (await response.json()) as Status;
  } catch {
    return { message: `${response.status} ${response.statusText}`.trim() };
  }
}

export function search(query: Query = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== "" && value !== false);
  return pairs.length ? `?${new URLSearchParams(pairs.map(([key, value]) => [key, String(value)]))}` : "";
}

/** Nothing is answered any more: the page is left. */
function leave(): Promise<never> {
  signIn();
  return new Promise(() => undefined);
}

/** Leave for the sign-in page, and come back here afterwards. */
export function signIn(): void {
  const here = location.pathname + location.search;
  location.assign(`/oauth/login?next=${encodeURIComponent(here)}`);
}

export const segment = encodeURIComponent;
