/** A container added to a running pod, for images that have no shell; it stays until the pod goes. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { getObject, type KubeObject, patchObject } from "@/api/kube";
import type { Place } from "@/api/transfer";
import { SmallForm, Text, TextInput, told } from "@/ui";
import { containersOf, debugPatch, faultOf, freshName } from "./containers";

const PODS = { group: "", version: "v1", plural: "pods", namespaced: true };
const LOOK_AGAIN = 500;
const LONGEST = 120_000;

interface Props {
  place: Place;
  send: (run: () => Promise<unknown>) => void;
  started: (container: string) => void;
}

export function DebugForm({ place, send, started }: Props) {
  const { t } = useLingui();
  const [image, setImage] = useState("busybox:1.35");
  const start = async () => {
    const name = await add(place, image.trim(), t`It did not start within two minutes; the pod's events say more`);
    started(name);
    told(<Trans>{name} runs.</Trans>);
  };
  const target = place.container;
  return (
    <SmallForm action={<Trans>Start</Trans>} disabled={!image.trim()} send={() => send(start)}>
      <Text size="sm"><Trans>A container with tools of its own joins the pod and sees the processes of {target}. It cannot be taken out again: it goes with the pod.</Trans></Text>
      <TextInput label={t`Image`} description={t`It needs a shell, such as busybox`} value={image} onChange={(event) => setImage(event.currentTarget.value)} data-autofocus />
    </SmallForm>
  );
}

/** Its name, once it runs. Throws why it does not. */
async function add({ cluster, namespace, pod, container }: Place, image: string, late: string): Promise<string> {
  const read = (): Promise<KubeObject> => getObject(cluster, PODS, namespace, pod);
  const name = freshName(await read());
  await patchObject(cluster, PODS, namespace, pod, debugPatch(name, image, container), "strategic", "ephemeralcontainers");
  const deadline = Date.now() + LONGEST;
  while (Date.now() < deadline) {
    const now = await read();
    if (containersOf(now).some((each) => each.name === name && each.isRunning)) return name;
    const fault = faultOf(now, name);
    if (fault) throw new Error(fault);
    await new Promise((next) => setTimeout(next, LOOK_AGAIN));
  }
  throw new Error(late);
}
