/** The pages of the place one is in. */
import { useLingui } from "@lingui/react/macro";
import { Go } from "@/router/Go";
import { useNavSections } from "./nav";
import styles from "./Nav.module.css";

export function Nav({ open, close }: { open: boolean; close: () => void }) {
  const { t } = useLingui();
  return (
    <nav className={styles.nav} aria-label={t`Pages`} data-open={open || undefined} onClick={close}>
      {useNavSections().map((section) => (
        <div key={section.label || "first"}>
          {section.label && <h2>{section.label}</h2>}
          {section.items.map((item) => (
            <Go key={item.to} to={item.to} exact={item.exact} className={styles.item} activeClass={styles.active!}>
              <item.icon size={16} stroke={1.7} aria-hidden />
              <span className="clip">{item.label}</span>
            </Go>
          ))}
        </div>
      ))}
    </nav>
  );
}
