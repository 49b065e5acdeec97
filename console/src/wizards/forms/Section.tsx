/** A part of a form. What is seldom needed is folded. */
import type { ReactNode } from "react";
import styles from "./Section.module.css";

export function Section({ title, note, folded, children }: { title: ReactNode; note?: ReactNode; folded?: boolean; children: ReactNode }) {
  if (folded)
    return (
      <details className={styles.section}>
        <summary>
          {title} <span className="dim">{note}</span>
        </summary>
        <div className={styles.body}>{children}</div>
      </details>
    );
  return (
    <section className={styles.section}>
      <h2>{title}</h2>
      {note && <p className="dim">{note}</p>}
      <div className={styles.body}>{children}</div>
    </section>
  );
}

export const Columns = ({ children }: { children: ReactNode }) => <div className={styles.columns}>{children}</div>;
