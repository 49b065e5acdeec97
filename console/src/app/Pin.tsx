/** Keeps the page one is on, or lets it go. */
import { useLingui } from "@lingui/react/macro";
import { usePreferences } from "@/api/preferences";
import { isMarked, toggled } from "@/lib/marks";
import { ActionIcon, IconStar, IconStarFilled } from "@/ui";
import { useHere } from "./useHere";

export function Pin() {
  const { t } = useLingui();
  const here = useHere();
  const [preferences, change] = usePreferences();
  const pinned = isMarked(preferences?.pinned ?? [], here().to);
  const Shown = pinned ? IconStarFilled : IconStar;
  return (
    <ActionIcon aria-label={pinned ? t`Unpin this page` : t`Pin this page`} title={pinned ? t`Unpin this page` : t`Pin this page`} aria-pressed={pinned} onClick={() => change((now) => ({ pinned: toggled(now.pinned, here()) }))}>
      <Shown size={18} />
    </ActionIcon>
  );
}
