/** A page: its title, what can be done on it, and its content. */
import { type ReactNode, useEffect } from "react";
import styles from "./Page.module.css";

interface Props {
  title: ReactNode;
  /** For the browser's tab, where the title is more than text. */
  name?: string;
  aside?: ReactNode;
  actions?: ReactNode;
  toolbar?: ReactNode;
  /** Lists fill the page and scroll by themselves. */
  fill?: boolean;
  children: ReactNode;
}

export function Page({ title, name, aside, actions, toolbar, fill, children }: Props) {
  const said = name ?? (typeof title === "string" ? title : "");
  useEffect(() => {
    document.title = said ? `${said} · Armillary` : "Armillary";
  }, [said]);
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <h1>{title}</h1>
        {aside}
        <div className={styles.actions}>{actions}</div>
      </header>
      {toolbar && <div className={styles.toolbar}>{toolbar}</div>}
      <div className={fill ? styles.fill : styles.body}>{children}</div>
    </div>
  );
}

/** A titled box on a page. */
export function Card({ title, actions, children, flush }: { title?: ReactNode; actions?: ReactNode; children: ReactNode; flush?: boolean }) {
  return (
    <section className={styles.card}>
      {(title || actions) && (
        <header>
          <h2>{title}</h2>
          <div className={styles.actions}>{actions}</div>
        </header>
      )}
      <div className={flush ? undefined : styles.inside}>{children}</div>
    </section>
  );
}

/** Facts as pairs. Those without a value are left out. */
export function Facts({ items }: { items: [ReactNode, ReactNode][] }) {
  return (
    <dl className={styles.facts}>
      {items
        .filter(([, value]) => value !== undefined && value !== null && value !== "")
        .map(([key, value], index) => (
          <div key={index}>
            <dt>{key}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
