/** When somebody signed in, or tried to. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Answer } from "@/app/Answer";
import { type Schemas, useAsked } from "@/api/ask";
import { OUTCOMES, toneOfOutcome } from "@/features/audit/words";
import { Card, Empty, IconHistory, Status, Table } from "@/ui";

const SHOWN = 50;

export function Logins({ user }: { user: string }) {
  const { t, i18n } = useLingui();
  const found = useAsked<Schemas["AuditPage"]>("/audit", { user, action: "login", limit: SHOWN });
  return (
    <Card flush title={<Trans>Sign-ins</Trans>}>
      <Answer of={found}>
        {({ items }) => (
          <Table
            label={t`Sign-ins`}
            rows={items}
            keyOf={(row) => row.id}
            columns={[
              { id: "time", title: t`Time`, value: (row) => row.time, cell: (row) => new Date(row.time).toLocaleString(i18n.locale) },
              { id: "outcome", title: t`Outcome`, value: (row) => row.outcome, cell: (row) => <Status value={OUTCOMES[row.outcome] ? t(OUTCOMES[row.outcome]!) : row.outcome} tone={toneOfOutcome(row.outcome)} /> },
              { id: "reason", title: t`Reason`, value: (row) => row.reason },
              { id: "address", title: t`From`, value: (row) => row.address, cell: (row) => <span className="mono">{row.address}</span> },
              { id: "agent", title: t`Program`, value: (row) => row.agent },
            ]}
            empty={<Empty icon={IconHistory} title={<Trans>No sign-ins are recorded</Trans>} />}
          />
        )}
      </Answer>
    </Card>
  );
}
