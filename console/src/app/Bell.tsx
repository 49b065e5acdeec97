/** News: what has begun to need attention since one last looked. */
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { useAttention } from "@/api/attention";
import { usePreferences } from "@/api/preferences";
import { keyOf, Needing } from "@/features/home/Needing";
import { Go } from "@/router/Go";
import { ActionIcon, Age, IconBell, Indicator, Popover } from "@/ui";
import styles from "./Bell.module.css";

const SHOWN = 8;

export function Bell() {
  const { t } = useLingui();
  const [open, setOpen] = useState(false);
  const [preferences, change] = usePreferences();
  const items = useAttention().data?.items ?? [];
  const fresh = preferences ? items.filter((item) => item.since > preferences.seen).length : 0;
  const set = (wanted: boolean) => {
    setOpen(wanted);
    const newest = items.map((item) => item.since).sort().at(-1);
    if (wanted && newest && fresh) change(() => ({ seen: newest }));
  };
  return (
    <Popover opened={open} onChange={set} width={420} position="bottom-end" shadow="md" trapFocus>
      <Popover.Target>
        <ActionIcon aria-label={fresh ? t`Notifications, ${fresh} new` : t`Notifications`} aria-expanded={open} onClick={() => set(!open)}>
          <Indicator disabled={!fresh} label={fresh} size={15} color="red" offset={2}>
            <IconBell size={18} />
          </Indicator>
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown p={0}>
        <section className={styles.news} aria-label={t`Notifications`}>
          <h2><Trans>What needs attention</Trans></h2>
          {items.length === 0 && <p className="dim"><Trans>All is well</Trans></p>}
          <ul>
            {items.slice(0, SHOWN).map((item) => (
              <li key={keyOf(item)}>
                <div>
                  <Needing item={item} onClick={() => setOpen(false)} />
                  <Age since={item.since} />
                </div>
                <p className="clamp" title={item.reason}>{item.reason || item.status}</p>
              </li>
            ))}
          </ul>
          {items.length > SHOWN && (
            <Go to="/home" onClick={() => setOpen(false)}>
              <Plural value={items.length - SHOWN} one="# more" other="# more" />
            </Go>
          )}
        </section>
      </Popover.Dropdown>
    </Popover>
  );
}
