/** What has been asked of the server, kept for a moment. */
import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "./errors";

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What was refused stays refused; what did not answer may answer now.
      retry: (count, error) => count < 2 && (!(error instanceof ApiError) || error.code >= 500),
      refetchOnWindowFocus: false,
    },
  },
});
