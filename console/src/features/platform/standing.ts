/** Whether an account can be used, in a word. */
import { useLingui } from "@lingui/react/macro";
import type { Schemas } from "@/api/ask";
import type { Tone } from "@/lib/tone";

export type Standing = "active" | "new" | "locked" | "disabled";
type User = Pick<Schemas["ShownUser"], "disabled" | "lockedUntil" | "mustChangePassword">;

export function standing(user: User, now = Date.now()): Standing {
  if (user.disabled) return "disabled";
  if (user.lockedUntil && Date.parse(user.lockedUntil) > now) return "locked";
  return user.mustChangePassword ? "new" : "active";
}

export function useStandings(): Record<Standing, { label: string; tone: Tone }> {
  const { t } = useLingui();
  return {
    active: { label: t`Enabled`, tone: "ok" },
    new: { label: t`First password`, tone: "busy" },
    locked: { label: t`Locked`, tone: "warn" },
    disabled: { label: t`Disabled`, tone: "idle" },
  };
}
