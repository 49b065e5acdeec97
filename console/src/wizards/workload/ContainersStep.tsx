/** Which containers run, and from where their images are pulled. */
import { Trans } from "@lingui/react/macro";
import { useMaking } from "../engine/form";
import { SECRETS, useNames } from "../engine/useNames";
import { Entries, FlagAt, Fold, NameAt, NumberAt, Row } from "../fields";
import { get } from "../model/path";
import { ContainerFields } from "./ContainerFields";
import { type Container, podOf } from "./model";

export function ContainersStep() {
  const { docs } = useMaking();
  const workload = docs[0]!;
  const pod = podOf(workload.kind);
  const inits = get<Container[]>(workload, [...pod, "initContainers"]) ?? [];
  const secrets = useNames(SECRETS);
  const next = (list: Container[], word: string): Container => ({ name: list.length ? `${word}-${list.length + 1}` : word, image: "" });
  return (
    <>
      <Entries<Container> at={{ path: [...pod, "containers"] }} least={1} add={<Trans>Add a container beside it</Trans>} blank={(list) => next(list, "container")}>
        {(at) => <ContainerFields at={at} />}
      </Entries>
      <Fold title={<Trans>Init containers</Trans>} summary={inits.map((each) => each.name).join(", ")} holds={[{ path: [...pod, "initContainers"] }]}>
        <Entries<Container>
          at={{ path: [...pod, "initContainers"] }}
          none={<Trans>They run one after the other, to the end, before the others begin.</Trans>}
          add={<Trans>Add an init container</Trans>}
          blank={(list) => next(list, "init")}
        >
          {(at) => <ContainerFields at={at} init />}
        </Entries>
      </Fold>
      <Fold title={<Trans>Security of the pod</Trans>} summary={get(workload, [...pod, "securityContext", "runAsNonRoot"]) ? <Trans>not as root</Trans> : ""} holds={[{ path: [...pod, "securityContext"] }]}>
        <FlagAt at={{ path: [...pod, "securityContext", "runAsNonRoot"] }} label={<Trans>Never as root</Trans>} />
        <Row>
          <NumberAt at={{ path: [...pod, "securityContext", "runAsUser"] }} min={0} label={<Trans>User number</Trans>} />
          <NumberAt at={{ path: [...pod, "securityContext", "runAsGroup"] }} min={0} label={<Trans>Group number</Trans>} />
          <NumberAt at={{ path: [...pod, "securityContext", "fsGroup"] }} min={0} label={<Trans>Group of volumes</Trans>} />
        </Row>
      </Fold>
      <Fold
        title={<Trans>Pull secrets</Trans>}
        summary={(get<{ name?: string }[]>(workload, [...pod, "imagePullSecrets"]) ?? []).map((each) => each.name).join(", ")}
        holds={[{ path: [...pod, "imagePullSecrets"] }]}
      >
        <Entries at={{ path: [...pod, "imagePullSecrets"] }} none={<Trans>For images of a registry that asks who one is.</Trans>} add={<Trans>Add a secret</Trans>} blank={() => ({ name: "" })}>
          {(at) => (
            <Row>
              <NameAt at={at("name")} names={secrets} required label={<Trans>Secret</Trans>} />
            </Row>
          )}
        </Entries>
      </Fold>
    </>
  );
}
