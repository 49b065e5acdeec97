/** What a restore would do, object by object; nothing is done before it is agreed to. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Answer } from "@/app/Answer";
import type { Schemas } from "@/api/ask";
import { platform } from "@/api/client";
import { Button, Group, Status, Table } from "@/ui";

interface Props {
  /** Of the object's history. */
  path: string;
  number: number;
  /** With what the preview saw, so that nothing is written over that came between. */
  send: (resourceVersion: string | null) => void;
}

export function RestorePreview({ path, number, send }: Props) {
  const { t } = useLingui();
  const asked = useQuery({
    queryKey: ["restore", path, number],
    queryFn: () => platform<Schemas["Restored"]>("POST", `${path}/restore`, { body: { number, dependants: true, dryRun: true } }),
    staleTime: 0,
    gcTime: 0,
  });
  const words: Record<string, string> = { create: t`is created`, update: t`is changed`, unchanged: t`stays as it is`, left: t`is left out`, refused: t`is refused` };
  return (
    <Answer of={asked}>
      {({ items }) => (
        <>
          <Table
            label={t`What would be done`}
            filterFrom={Infinity}
            rows={items}
            keyOf={(step) => `${step.kind}/${step.namespace}/${step.name}`}
            empty={null}
            columns={[
              { id: "object", title: t`Object`, cell: (step) => `${step.kind} ${step.name}` },
              { id: "done", title: t`What is done`, cell: (step) => <Status value={words[step.action] ?? step.action} tone={step.action === "refused" ? "bad" : step.action === "create" || step.action === "update" ? "ok" : "idle"} /> },
              { id: "message", title: t`Message`, cell: (step) => step.message || step.fields.map((field) => field.path).slice(0, 6).join(", ") },
            ]}
          />
          <Group justify="flex-end" mt="md">
            <Button onClick={() => send(items[0]?.resourceVersion || null)} disabled={!items.some((step) => step.action === "create" || step.action === "update")}>
              <Trans>Restore</Trans>
            </Button>
          </Group>
        </>
      )}
    </Answer>
  );
}
