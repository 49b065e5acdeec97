/** How fields stand together. */
import { Trans, useLingui } from "@lingui/react/macro";
import { type ReactNode, useState } from "react";
import { ActionIcon, Button, IconChevronRight, IconPlus, IconTrash } from "@/ui";
import { useAt, useMaking, type Place } from "../engine/form";
import { fieldOf, isWithin } from "../model/path";
import styles from "./Layout.module.css";

export function Row({ children }: { children: ReactNode }) {
  return <div className={styles.row}>{children}</div>;
}

interface FoldProps {
  title: ReactNode;
  /** What is set inside, in few words, for when it is closed. */
  summary?: ReactNode;
  open?: boolean;
  /** Errors below these places open it. */
  holds?: Place[];
  children: ReactNode;
}

/** What is not asked up front. */
export function Fold({ title, summary, open = false, holds = [], children }: FoldProps) {
  const { complaints } = useMaking();
  const bad = holds.some(({ path, doc = 0 }) => complaints.some((each) => each.doc === doc && isWithin(each.field, fieldOf(path))));
  const [shown, show] = useState(open);
  const isOpen = shown || bad;
  return (
    <details className={styles.fold} open={isOpen} data-bad={bad || undefined} onToggle={(event) => show(event.currentTarget.open)}>
      <summary>
        <IconChevronRight size={15} aria-hidden /> <b>{title}</b> {!isOpen && summary && <span className="clip">{summary}</span>}
      </summary>
      {isOpen && <div>{children}</div>}
    </details>
  );
}

interface EntriesProps<T> {
  at: Place;
  /** One more. */
  blank: (entries: T[]) => T;
  add: ReactNode;
  none?: ReactNode;
  least?: number;
  children: (at: (...path: (string | number)[]) => Place, entry: T, index: number) => ReactNode;
}

/** A list of things with fields of their own. */
export function Entries<T>({ at, blank, add, none, least = 0, children }: EntriesProps<T>) {
  const { t } = useLingui();
  const [found, change] = useAt<T[]>(at);
  const entries = Array.isArray(found) ? found : [];
  const without = (index: number) => {
    const kept = entries.filter((_, each) => each !== index);
    change(kept.length ? kept : undefined);
  };
  return (
    <>
      {entries.length === 0 && none && <p className={styles.none}>{none}</p>}
      {entries.map((entry, index) => (
        <div key={index} className={styles.entry}>
          {entries.length > least && (
            <ActionIcon className={styles.remove} size={24} aria-label={t`Remove`} onClick={() => without(index)}>
              <IconTrash size={14} />
            </ActionIcon>
          )}
          {children((...path) => ({ doc: at.doc, path: [...at.path, index, ...path] }), entry, index)}
        </div>
      ))}
      <Button variant="default" size="compact-xs" mb={10} leftSection={<IconPlus size={13} />} onClick={() => change([...entries, blank(entries)])}>
        {add}
      </Button>
    </>
  );
}

export function Problem({ children }: { children: ReactNode }) {
  return (
    <p className={styles.bad} role="alert">
      {children}
    </p>
  );
}

export const NotSet = () => <Trans>not set</Trans>;
