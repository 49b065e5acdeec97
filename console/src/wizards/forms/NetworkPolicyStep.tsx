/** Who may reach some pods, and whom they may reach. */
import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Select, Switch } from "@/ui";
import { useAt } from "../engine/form";
import { Entries, IntOrTextAt, PairsAt, PickAt, Row, TextAt, WordsAt } from "../fields";
import styles from "../fields/Layout.module.css";
import type { At } from "../workload/ContainerFields";

export function NetworkPolicyStep() {
  return (
    <>
      <PairsAt at={{ path: ["spec", "podSelector", "matchLabels"] }} label={<Trans>For pods with all of these labels; for all pods without any</Trans>} add={<Trans>Add a label</Trans>} />
      <Direction type="Ingress" peers="from" label={<Trans>Restrict who may reach them</Trans>} none={<Trans>Nobody may reach them.</Trans>} />
      <Direction type="Egress" peers="to" label={<Trans>Restrict whom they may reach</Trans>} none={<Trans>They may reach nobody, not even the name service.</Trans>} />
    </>
  );
}

interface DirectionProps {
  type: "Ingress" | "Egress";
  peers: "from" | "to";
  label: ReactNode;
  none: ReactNode;
}

function Direction({ type, peers, label, none }: DirectionProps) {
  const [types = [], change] = useAt<string[]>({ path: ["spec", "policyTypes"] });
  const [, changeRules] = useAt<unknown[]>({ path: ["spec", type.toLowerCase()] });
  const isOn = types.includes(type);
  const turn = (wanted: boolean) => {
    change(wanted ? [...types, type] : types.filter((each) => each !== type));
    if (!wanted) changeRules(undefined);
  };
  return (
    <>
      <Switch mb={12} mt={6} label={label} checked={isOn} onChange={(event) => turn(event.currentTarget.checked)} />
      {isOn && (
        <Entries at={{ path: ["spec", type.toLowerCase()] }} none={none} add={<Trans>Add an exception</Trans>} blank={() => ({ [peers]: [{ podSelector: {} }] })}>
          {(rule) => <RuleFields at={rule} peers={peers} />}
        </Entries>
      )}
    </>
  );
}

function RuleFields({ at, peers }: { at: At; peers: string }) {
  return (
    <>
      <div className={styles.legend}>
        <Trans>Any of these others; everybody without any</Trans>
      </div>
      <Entries<Record<string, unknown>> at={at(peers)} add={<Trans>Add another</Trans>} blank={() => ({ podSelector: {} })}>
        {(peer, entry) => <PeerFields at={peer} peer={entry} />}
      </Entries>
      <div className={styles.legend}>
        <Trans>On any of these ports; on all without any</Trans>
      </div>
      <Entries at={at("ports")} add={<Trans>Add a port</Trans>} blank={() => ({ port: 80, protocol: "TCP" })}>
        {(port) => (
          <Row>
            <IntOrTextAt at={port("port")} label={<Trans>Port</Trans>} />
            <PickAt at={port("protocol")} data={["TCP", "UDP", "SCTP"]} fallback="TCP" label={<Trans>Protocol</Trans>} />
          </Row>
        )}
      </Entries>
    </>
  );
}

const NAME = "kubernetes.io/metadata.name";

function PeerFields({ at, peer }: { at: At; peer: Record<string, unknown> }) {
  const { t } = useLingui();
  const [, change] = useAt<unknown>(at());
  const kind = "ipBlock" in peer ? "ipBlock" : "namespaceSelector" in peer ? ("podSelector" in peer ? "both" : "namespaceSelector") : "podSelector";
  const blank: Record<string, Record<string, unknown>> = {
    podSelector: { podSelector: {} },
    namespaceSelector: { namespaceSelector: {} },
    both: { namespaceSelector: {}, podSelector: {} },
    ipBlock: { ipBlock: { cidr: "10.0.0.0/8" } },
  };
  const data = [
    { value: "podSelector", label: t`Pods here` },
    { value: "namespaceSelector", label: t`All pods of namespaces` },
    { value: "both", label: t`Some pods of namespaces` },
    { value: "ipBlock", label: t`Addresses` },
  ];
  return (
    <>
      <Row>
        <Select label={<Trans>Who</Trans>} data={data} value={kind} allowDeselect={false} onChange={(next) => next && next !== kind && change(blank[next])} />
        {kind === "ipBlock" && <TextAt at={at("ipBlock", "cidr")} required mono label={<Trans>Network (CIDR)</Trans>} />}
        {kind === "ipBlock" && <WordsAt at={at("ipBlock", "except")} label={<Trans>But not</Trans>} />}
      </Row>
      {(kind === "namespaceSelector" || kind === "both") && (
        <PairsAt at={at("namespaceSelector", "matchLabels")} label={<Trans>Labels of the namespaces ({NAME} is the name)</Trans>} add={<Trans>Add a label</Trans>} />
      )}
      {(kind === "podSelector" || kind === "both") && <PairsAt at={at("podSelector", "matchLabels")} label={<Trans>Labels of the pods</Trans>} add={<Trans>Add a label</Trans>} />}
    </>
  );
}
