/** Nothing here: what would be, and the one thing to do about it. */
import type { ReactNode } from "react";
import type { Icon } from "./icons";
import styles from "./Empty.module.css";

export function Empty({ icon: Mark, title, children, action }: { icon?: Icon; title: ReactNode; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.empty}>
      {Mark && <Mark size={34} stroke={1.3} aria-hidden />}
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}
