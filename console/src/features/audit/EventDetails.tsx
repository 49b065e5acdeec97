/** One event of the audit log with the fields it changed. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Answer } from "@/app/Answer";
import { type Schemas, useAsked } from "@/api/ask";
import { segment } from "@/api/client";
import { confirm, Facts, Table } from "@/ui";
import { type AuditEvent, objectOf, OUTCOMES, shown } from "./words";

export const showEvent = (event: AuditEvent) => confirm({ title: <>{event.user} · {event.action} · {objectOf(event)}</>, size: 760, form: () => <Details event={event} /> });

function Details({ event }: { event: AuditEvent }) {
  const { t, i18n } = useLingui();
  // Lists leave out what was changed.
  const whole = useAsked<Schemas["AuditEvent"]>(`/audit/${segment(event.id)}`, undefined, false);
  const outcome = OUTCOMES[event.outcome];
  return (
    <>
      <Facts
        items={[
          [<Trans key="time">Time</Trans>, new Date(event.time).toLocaleString(i18n.locale)],
          [<Trans key="outcome">Outcome</Trans>, outcome ? `${t(outcome)}${event.code ? ` (${event.code})` : ""}` : event.outcome],
          [<Trans key="reason">Reason</Trans>, event.reason],
          [<Trans key="cluster">Cluster</Trans>, event.cluster],
          [<Trans key="workspace">Workspace</Trans>, event.workspace],
          [<Trans key="namespace">Namespace</Trans>, event.namespace],
          [<Trans key="from">From</Trans>, event.address],
          [<Trans key="agent">Program</Trans>, event.agent],
          [<Trans key="request">Request</Trans>, event.requestId && <code>{event.requestId}</code>],
        ]}
      />
      <h3><Trans>Changed fields</Trans></h3>
      <Answer of={whole}>
        {({ changes }) => (
          <Table
            label={t`Changed fields`}
            rows={changes}
            keyOf={(row) => row.path}
            columns={[
              { id: "path", title: t`Field`, cell: (row) => <code>{row.path}</code> },
              { id: "old", title: t`Before`, cell: (row) => <span className="mono">{shown(row.old)}</span> },
              { id: "new", title: t`After`, cell: (row) => <span className="mono">{shown(row.new)}</span> },
            ]}
            empty={<p className="dim"><Trans>None is recorded.</Trans></p>}
          />
        )}
      </Answer>
    </>
  );
}
