/** A few counts, each the way to its list. */
import type { ReactNode } from "react";
import { Go } from "@/router/Go";
import styles from "./Tenancy.module.css";

export interface Count {
  label: string;
  value: ReactNode;
  to?: string;
}

export function Numbers({ items }: { items: Count[] }) {
  return (
    <div className={styles.numbers}>
      {items.map(({ label, value, to }) => {
        const inside = (
          <>
            <strong>{value ?? "–"}</strong>
            <span>{label}</span>
          </>
        );
        return to ? <Go key={label} to={to} className={styles.number}>{inside}</Go> : <div key={label} className={styles.number}>{inside}</div>;
      })}
    </div>
  );
}
