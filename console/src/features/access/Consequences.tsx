/** Who gains or loses what by a change of a role or of a member's role. */
import { Plural, Trans } from "@lingui/react/macro";
import { type Schemas, useAsked } from "@/api/ask";
import { Badge } from "@/ui";
import type { AccessLevel } from "./place";
import styles from "./Access.module.css";

export function useTitles(level: AccessLevel): (name: string) => string {
  const { data } = useAsked<Schemas["Templates"]>("/access/templates", { level }, false);
  return (name) => data?.items.find((each) => each.name === name)?.title ?? name;
}

export function Consequences({ preview, level }: { preview: Schemas["Preview"]; level: AccessLevel }) {
  const title = useTitles(level);
  const touched = preview.users.filter((user) => user.gains.length + user.loses.length + user.gainsRules.length + user.losesRules.length > 0);
  if (touched.length === 0) return <p className="dim"><Trans>Nobody gains or loses anything by this.</Trans></p>;
  const count = touched.length;
  return (
    <div role="status">
      <p>
        <Plural value={count} one="# person is affected:" other="# people are affected:" />
      </p>
      <ul className={styles.effects}>
        {touched.map((user) => {
          const [more, fewer] = [user.gainsRules.length, user.losesRules.length];
          return (
          <li key={user.user}>
            <strong>{user.user}</strong>
            {user.gains.map((name) => (
              <Badge key={name} variant="light" color="teal" tt="none">+ {title(name)}</Badge>
            ))}
            {user.loses.map((name) => (
              <Badge key={name} variant="light" color="red" tt="none">− {title(name)}</Badge>
            ))}
            {user.gains.length + user.loses.length === 0 && (
              <span className="dim">
                <Trans>Rules gained: {more}, lost: {fewer}</Trans>
              </span>
            )}
          </li>
          );
        })}
      </ul>
      <p className="dim"><Trans>What they hold by other roles is not counted.</Trans></p>
    </div>
  );
}
