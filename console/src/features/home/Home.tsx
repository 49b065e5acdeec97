/** The first page: where one can go, and what needs attention. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useWorkspaces } from "@/api/places";
import { useMe } from "@/api/session";
import { Go } from "@/router/Go";
import { Card, Empty, Fault, IconBuilding, Page } from "@/ui";
import { Attention } from "./Attention";
import styles from "./Home.module.css";

export default function Home() {
  const { t } = useLingui();
  const me = useMe();
  const name = me.displayName || me.name;
  const { data, error } = useWorkspaces();
  return (
    <Page title={t`Welcome, ${name}`}>
      <Card title={<Trans>Workspaces</Trans>}>
        {error && <Fault error={error} />}
        {data?.items.length === 0 && (
          <Empty icon={IconBuilding} title={<Trans>You are in no workspace yet</Trans>}>
            <Trans>Ask an administrator to invite you.</Trans>
          </Empty>
        )}
        <div className={styles.places}>
          {data?.items.map((each) => (
            <Go key={each.name} to={`/w/${each.name}`} className={styles.place!}>
              <IconBuilding size={18} stroke={1.6} aria-hidden />
              <b>{each.displayName || each.name}</b>
              <span className="clip">{each.description || each.name}</span>
            </Go>
          ))}
        </div>
      </Card>
      <Attention />
    </Page>
  );
}
