/** The first page: where one can go. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useMe } from "@/api/session";
import { useWorkspaces } from "@/api/places";
import { Go } from "@/router/Go";
import { Card, Empty, IconBuilding, Page } from "@/ui";

export default function Home() {
  const { t } = useLingui();
  const me = useMe();
  const name = me.displayName || me.name;
  const { data } = useWorkspaces();
  return (
    <Page title={t`Welcome, ${name}`}>
      <Card title={<Trans>Workspaces</Trans>}>
        {data?.items.length === 0 && (
          <Empty icon={IconBuilding} title={<Trans>You are in no workspace yet</Trans>}>
            <Trans>Ask an administrator to invite you.</Trans>
          </Empty>
        )}
        {data?.items.map((each) => (
          <div key={each.name} style={{ lineHeight: "28px" }}>
            <Go to={`/w/${each.name}`}>{each.displayName || each.name}</Go>
          </div>
        ))}
      </Card>
    </Page>
  );
}
