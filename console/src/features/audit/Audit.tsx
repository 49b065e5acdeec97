/** Who did what, when, from where, with which outcome. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { platform, segment } from "@/api/client";
import type { Schema } from "@/api/types";
import { useScope } from "@/router/scope";
import { Button, Card, confirm, Empty, Fault, Group, IconHistory, Page, Rows, Select, Status, TextInput, useDebouncedValue } from "@/ui";

const PAGE = 50;

export default function Audit() {
  const { t, i18n } = useLingui();
  const { level, workspace, namespace } = useScope();
  const [user, setUser] = useState("");
  const [text, setText] = useState("");
  const [outcome, setOutcome] = useState<string | null>(null);
  const [asked] = useDebouncedValue({ user, text }, 250);
  const path = level === "platform" || level === "cluster" ? "/audit" : `/workspaces/${segment(workspace)}/audit`;
  const query = { ...asked, outcome: outcome ?? undefined, namespace: namespace || undefined, limit: PAGE };
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ["audit", path, query],
    queryFn: ({ pageParam }) => platform<Schema<"AuditPage">>("GET", path, { query: { ...query, continue: pageParam || undefined } }),
    initialPageParam: "",
    getNextPageParam: (last) => last.continue || undefined,
  });
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  const show = (event: Schema<"AuditEvent">) =>
    confirm({
      title: `${event.action} ${event.resource} ${event.name}`,
      size: 680,
      form: () => <Changes of={event} />,
    });
  return (
    <Page
      title={t`Audit`}
      toolbar={
        <>
          <TextInput w={180} aria-label={t`User`} placeholder={t`User`} value={user} onChange={(event) => setUser(event.currentTarget.value)} />
          <TextInput w={240} aria-label={t`Text`} placeholder={t`Object, action or address`} value={text} onChange={(event) => setText(event.currentTarget.value)} />
          <Select w={160} aria-label={t`Outcome`} placeholder={t`Outcome`} clearable data={[{ value: "success", label: t`Success` }, { value: "denied", label: t`Denied` }, { value: "failure", label: t`Failure` }]} value={outcome} onChange={setOutcome} />
        </>
      }
    >
      {error && <Fault error={error} />}
      {data && (
        <Card flush>
          <Rows
            label={t`Audit`}
            items={items}
            keyOf={(event) => event.id}
            empty={<Empty icon={IconHistory} title={<Trans>Nothing is recorded</Trans>} />}
            columns={[
              { title: <Trans>Time</Trans>, cell: (event) => <time dateTime={event.time}>{new Date(event.time).toLocaleString(i18n.locale)}</time> },
              { title: <Trans>User</Trans>, cell: (event) => event.user || "–" },
              { title: <Trans>Action</Trans>, cell: (event) => event.action },
              { title: <Trans>Object</Trans>, cell: (event) => [event.resource, event.namespace, event.name].filter(Boolean).join(" / ") },
              { title: <Trans>Outcome</Trans>, cell: (event) => <Status value={event.outcome} tone={event.outcome === "success" ? "ok" : "bad"} /> },
              { title: <Trans>From</Trans>, cell: (event) => <span className="mono">{event.address}</span> },
              { title: <span className="sr-only"><Trans>Details</Trans></span>, end: true, cell: (event) => <Button variant="subtle" size="compact-sm" onClick={() => show(event)}><Trans>Details</Trans></Button> },
            ]}
          />
          {hasNextPage && (
            <Group justify="center" p="sm">
              <Button variant="default" onClick={() => void fetchNextPage()}><Trans>Show more</Trans></Button>
            </Group>
          )}
        </Card>
      )}
    </Page>
  );
}

function Changes({ of }: { of: Schema<"AuditEvent"> }) {
  return (
    <div style={{ overflowWrap: "anywhere" }}>
      <p>{of.reason}</p>
      <pre className="mono" tabIndex={0} style={{ overflow: "auto", maxHeight: 420 }}>{JSON.stringify(of, null, 2)}</pre>
    </div>
  );
}
