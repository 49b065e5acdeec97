/** Refusals of the platform and of Kubernetes: both answer with a Status object. */

export interface Cause {
  reason?: string;
  field?: string;
  message?: string;
}

export interface Status {
  message?: string;
  reason?: string;
  code?: number;
  details?: { name?: string; kind?: string; group?: string; causes?: Cause[]; retryAfterSeconds?: number };
}

/** What was not answered as asked. `message` is the server's reason, which is shown as it is. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly causes: Cause[];

  constructor(status: Status, code: number) {
    super(status.message || `HTTP ${code}`);
    this.code = code;
    this.reason = status.reason ?? "";
    this.causes = status.details?.causes ?? [];
  }

  /** The messages that belong to one field of a form, such as `spec.replicas`. */
  of(field: string): string | undefined {
    return this.causes.find((cause) => cause.field === field)?.message;
  }
}

export const isMissing = (error: unknown) => error instanceof ApiError && error.code === 404;
export const isRefused = (error: unknown) => error instanceof ApiError && error.code === 403;
