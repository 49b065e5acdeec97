/** How an event of the audit log is told. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { Schemas } from "@/api/ask";

export type AuditEvent = Schemas["AuditEvent"];

export const objectOf = (event: AuditEvent): string => [event.resource && [event.resource, event.subresource].filter(Boolean).join("/"), event.name].filter(Boolean).join(" ");

/** What somebody did; other words are shown as they are. */
export const ACTIONS: Record<string, MessageDescriptor> = {
  create: msg`created`, update: msg`changed`, patch: msg`changed`, delete: msg`deleted`, deletecollection: msg`deleted all`, login: msg`signed in`, logout: msg`signed out`,
  exec: msg`ran a command in`, attach: msg`attached to`, portforward: msg`forwarded a port of`, proxy: msg`spoke with`, restore: msg`restored`,
};

export const OUTCOMES: Record<string, MessageDescriptor> = { success: msg`Succeeded`, denied: msg`Refused`, failed: msg`Failed` };
export const TONES = { success: "ok", denied: "warn", failed: "bad" } as const;
export const toneOfOutcome = (outcome: string) => TONES[outcome as keyof typeof TONES] ?? "idle";

export const shown = (value: unknown): string => (value === undefined || value === null ? "–" : typeof value === "string" ? value : JSON.stringify(value));
