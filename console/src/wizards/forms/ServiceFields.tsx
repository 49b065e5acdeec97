/** Ports and kind of a service. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Entries, Fold, IntOrTextAt, NumberAt, PairsAt, PickAt, Row, TextAt } from "../fields";
import { type Place, useAt } from "../engine/form";

interface Port {
  name?: string;
  port?: number;
}

/** `companion`: beside a workload, whose selector it has already. */
export function ServiceFields({ doc = 0, companion }: { doc?: number; companion?: boolean }) {
  const { t } = useLingui();
  const at = (...path: (string | number)[]): Place => ({ doc, path: ["spec", ...path] });
  const [type = "ClusterIP"] = useAt<string>(at("type"));
  const types = [
    { value: "ClusterIP", label: t`Inside the cluster` },
    { value: "NodePort", label: t`On a port of every node` },
    { value: "LoadBalancer", label: t`By a load balancer` },
    ...(companion ? [] : [{ value: "ExternalName", label: t`Another name (outside)` }]),
  ];
  const nodePorts = type === "NodePort" || type === "LoadBalancer";
  return (
    <>
      <Row>
        {companion && <TextAt at={{ doc, path: ["metadata", "name"] }} required label={<Trans>Name of the service</Trans>} />}
        <PickAt at={at("type")} data={types} fallback="ClusterIP" label={<Trans>Reached</Trans>} />
        {type === "ExternalName" && <TextAt at={at("externalName")} required label={<Trans>Host name outside</Trans>} placeholder="db.example.org" />}
        {type === "ClusterIP" && (
          <PickAt at={at("clusterIP")} data={[{ value: "None", label: t`None: the pods' own (headless)` }]} clearable label={<Trans>Address</Trans>} placeholder={t`One for all pods`} />
        )}
      </Row>
      {type !== "ExternalName" && (
        <Entries<Port>
          at={at("ports")}
          least={1}
          add={<Trans>Add a port</Trans>}
          blank={(list) => ({ name: `port-${list.length + 1}`, port: 80 + list.length })}
        >
          {(port) => (
            <Row>
              <TextAt at={port("name")} label={<Trans>Name</Trans>} />
              <NumberAt at={port("port")} min={1} max={65535} required label={<Trans>Port</Trans>} />
              <IntOrTextAt at={port("targetPort")} label={<Trans>Port of the container</Trans>} placeholder={t`the same`} />
              <PickAt at={port("protocol")} data={["TCP", "UDP", "SCTP"]} fallback="TCP" label={<Trans>Protocol</Trans>} />
              {nodePorts && <NumberAt at={port("nodePort")} min={30000} max={32767} label={<Trans>Port of the nodes</Trans>} placeholder={t`any free`} />}
            </Row>
          )}
        </Entries>
      )}
      {!companion && type !== "ExternalName" && (
        <PairsAt at={at("selector")} label={<Trans>Pods with all of these labels</Trans>} add={<Trans>Add a label</Trans>} />
      )}
      <Fold title={<Trans>More about the service</Trans>} holds={[at("sessionAffinity"), at("externalTrafficPolicy")]}>
        <Row>
          <PickAt at={at("sessionAffinity")} data={[{ value: "None", label: t`Any pod` }, { value: "ClientIP", label: t`The same pod for the same client` }]} fallback="None" label={<Trans>Session persistence</Trans>} />
          {nodePorts && <PickAt at={at("externalTrafficPolicy")} data={[{ value: "Cluster", label: t`To pods on all nodes` }, { value: "Local", label: t`To pods on the node (keeps the client's address)` }]} fallback="Cluster" label={<Trans>Traffic from outside</Trans>} />}
        </Row>
      </Fold>
    </>
  );
}
