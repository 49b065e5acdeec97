/** What one has allowed other applications to know; each can be taken back. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Answer } from "@/app/Answer";
import { type Schemas, useAsked, useRefresh } from "@/api/ask";
import { platform, segment } from "@/api/client";
import { Age, Badge, Button, Card, confirm, Empty, IconApps, Table, told } from "@/ui";

type Consent = Schemas["ShownConsent"];

const PATH = "/me/consents";

export function Applications() {
  const { t } = useLingui();
  const found = useAsked<Schemas["Consents"]>(PATH);
  const refresh = useRefresh();
  const takeBack = ({ client, displayName }: Consent) => {
    const name = displayName || client;
    confirm({
      title: <Trans>Take back what {name} may know?</Trans>,
      children: <Trans>Its sessions end, and it asks again the next time you sign in there.</Trans>,
      action: <Trans>Take back</Trans>,
      danger: true,
      run: async () => {
        await platform("DELETE", `${PATH}/${segment(client)}`);
        told(<Trans>{name} may know nothing any more.</Trans>);
        await refresh();
      },
    });
  };
  return (
    <Card flush title={<Trans>Applications</Trans>}>
      <Answer of={found}>
        {({ items }) => (
          <Table
            label={t`Applications`}
            rows={items}
            keyOf={(row) => row.client}
            columns={[
              { id: "client", title: t`Application`, value: (row) => row.displayName || row.client },
              { id: "scopes", title: t`May know`, value: (row) => row.scopes.join(" "), cell: (row) => row.scopes.map((scope) => <Badge key={scope} variant="light" tt="none" mr={4}>{scope}</Badge>) },
              { id: "given", title: t`Allowed`, value: (row) => row.given, cell: (row) => <Age since={row.given} /> },
              {
                id: "actions", title: <span className="sr-only">{t`Actions`}</span>, align: "end", narrow: true,
                cell: (row) => <Button variant="subtle" color="red" onClick={() => takeBack(row)}><Trans>Take back</Trans></Button>,
              },
            ]}
            empty={<Empty icon={IconApps} title={<Trans>No applications</Trans>}><Trans>Applications that you sign in to with this account stand here once you have allowed them to know it.</Trans></Empty>}
          />
        )}
      </Answer>
    </Card>
  );
}
