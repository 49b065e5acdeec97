/** The small forms of workloads' actions. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import type { KubeObject } from "@/api/kube";
import { templateOf } from "@/lib/workload";
import { Button, Group, NumberInput, Select, Stack, TextInput } from "@/ui";

const MOST = 1000;

export function ReplicasForm({ wanted, send }: { wanted: number; send: (replicas: number) => void }) {
  const { t } = useLingui();
  const [replicas, setReplicas] = useState<number | string>(wanted);
  const isNumber = typeof replicas === "number";
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isNumber) send(replicas);
      }}
    >
      <NumberInput data-autofocus label={t`Replicas`} min={0} max={MOST} allowDecimal={false} value={replicas} onChange={setReplicas} />
      <Group justify="flex-end" mt="md">
        <Button type="submit" disabled={!isNumber || replicas === wanted}>
          <Trans>Scale</Trans>
        </Button>
      </Group>
    </form>
  );
}

export function ImageForm({ object, send }: { object: KubeObject; send: (container: string, image: string, before: string) => void }) {
  const { t } = useLingui();
  const containers = templateOf(object)?.spec.containers ?? [];
  const [name, setName] = useState(containers[0]?.name ?? "");
  const before = containers.find((each) => each.name === name)?.image ?? "";
  const [image, setImage] = useState(before);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send(name, image.trim(), before);
      }}
    >
      <Stack gap="sm">
        {containers.length > 1 && (
          <Select
            label={t`Container`}
            data={containers.map((each) => each.name)}
            value={name}
            allowDeselect={false}
            onChange={(chosen) => {
              setName(chosen ?? "");
              setImage(containers.find((each) => each.name === chosen)?.image ?? "");
            }}
          />
        )}
        <TextInput data-autofocus label={t`Image`} className="mono" value={image} onChange={(event) => setImage(event.currentTarget.value)} />
      </Stack>
      <Group justify="flex-end" mt="md">
        <Button type="submit" disabled={!image.trim() || image.trim() === before}>
          <Trans>Change</Trans>
        </Button>
      </Group>
    </form>
  );
}
