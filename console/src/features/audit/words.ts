/** How an event of the audit log is told. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { Schemas } from "@/api/ask";

export type AuditEvent = Schemas["AuditEvent"];

export const objectOf = (event: AuditEvent): string => [event.resource && [event.resource, event.subresource].filter(Boolean).join("/"), event.name].filter(Boolean).join(" ");

export const OUTCOMES: Record<string, MessageDescriptor> = { success: msg`Succeeded`, denied: msg`Refused`, failed: msg`Failed` };
export const TONES = { success: "ok", denied: "warn", failed: "bad" } as const;
export const toneOfOutcome = (outcome: string) => TONES[outcome as keyof typeof TONES] ?? "idle";

export const shown = (value: unknown): string => (value === undefined || value === null ? "–" : typeof value === "string" ? value : JSON.stringify(value));
