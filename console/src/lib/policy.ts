/** What a network policy allows, in words. Pure. */
import type { MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { KubeObject } from "@/api/kube";
import { selectorText } from "./workload";

type Selector = Parameters<typeof selectorText>[0];

interface Peer {
  podSelector?: Selector;
  namespaceSelector?: Selector;
  ipBlock?: { cidr: string; except?: string[] };
}

interface Port {
  port?: number | string;
  endPort?: number;
  protocol?: string;
}

interface Rule {
  from?: Peer[];
  to?: Peer[];
  ports?: Port[];
}

/** `_` and `locale` of Lingui's I18n. */
export interface Speaker {
  _: (message: MessageDescriptor) => string;
  locale: string;
}

export interface Meaning {
  /** Which pods it is about. */
  pods: string;
  /** One sentence for each rule, or for there being none. */
  ingress: string[];
  egress: string[];
}

const NAME = "kubernetes.io/metadata.name";

/** Where the policy does not restrict a direction, that is what it says. */
export function meaningOf(policy: KubeObject, speaker: Speaker): Meaning {
  const { podSelector, policyTypes, ingress, egress } = (policy.spec ?? {}) as { podSelector?: Selector; policyTypes?: string[]; ingress?: Rule[]; egress?: Rule[] };
  // As the API defaults it: ingress always, egress if there are rules for it.
  const types = policyTypes ?? ["Ingress", ...(egress ? ["Egress"] : [])];
  const labels = selectorText(podSelector);
  return {
    pods: speaker._(labels ? msg`Pods here with ${labels}` : msg`All pods here`),
    ingress: types.includes("Ingress") ? incoming(ingress ?? [], speaker) : [speaker._(msg`It does not restrict who may reach them.`)],
    egress: types.includes("Egress") ? outgoing(egress ?? [], speaker) : [speaker._(msg`It does not restrict whom they may reach.`)],
  };
}

function incoming(rules: Rule[], speaker: Speaker): string[] {
  if (rules.length === 0) return [speaker._(msg`Nobody may reach them.`)];
  return rules.map((rule) => {
    const [who, ports] = [peersOf(rule.from, speaker), portsOf(rule.ports, speaker)];
    if (!who) return speaker._(ports ? msg`Anybody may reach them on ${ports}.` : msg`Anybody may reach them.`);
    return speaker._(ports ? msg`They may be reached on ${ports} by ${who}.` : msg`They may be reached on all ports by ${who}.`);
  });
}

function outgoing(rules: Rule[], speaker: Speaker): string[] {
  if (rules.length === 0) return [speaker._(msg`They may reach nobody, not even the name service.`)];
  return rules.map((rule) => {
    const [who, ports] = [peersOf(rule.to, speaker), portsOf(rule.ports, speaker)];
    if (!who) return speaker._(ports ? msg`They may reach anybody on ${ports}.` : msg`They may reach anybody.`);
    return speaker._(ports ? msg`They may reach, on ${ports}, ${who}.` : msg`They may reach, on all ports, ${who}.`);
  });
}

const listed = (words: string[], { locale }: Speaker) => new Intl.ListFormat(locale, { type: "conjunction" }).format(words);

/** Empty: everybody. */
const peersOf = (peers: Peer[] = [], speaker: Speaker) => listed(peers.map((peer) => peerOf(peer, speaker)), speaker);

function peerOf({ podSelector, namespaceSelector, ipBlock }: Peer, speaker: Speaker): string {
  if (ipBlock) {
    const { cidr, except = [] } = ipBlock;
    const without = listed(except, speaker);
    return speaker._(without ? msg`addresses in ${cidr} but not in ${without}` : msg`addresses in ${cidr}`);
  }
  const labels = selectorText(podSelector);
  if (!namespaceSelector) return speaker._(labels ? msg`pods here with ${labels}` : msg`all pods here`);
  const where = placeOf(namespaceSelector, speaker);
  return speaker._(labels ? msg`pods with ${labels} in ${where}` : msg`all pods in ${where}`);
}

function placeOf(selector: NonNullable<Selector>, speaker: Speaker): string {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  const name = matchLabels[NAME];
  if (name !== undefined && Object.keys(matchLabels).length === 1 && matchExpressions.length === 0) return speaker._(msg`the namespace ${name}`);
  const labels = selectorText(selector);
  return speaker._(labels ? msg`namespaces with ${labels}` : msg`all namespaces`);
}

/** Empty: all of them. */
function portsOf(ports: Port[] = [], speaker: Speaker): string {
  const words = ports.map(({ port, endPort, protocol = "TCP" }) => {
    if (port === undefined) return speaker._(msg`every port of ${protocol}`);
    return `${protocol} ${port}${endPort ? `–${endPort}` : ""}`;
  });
  return listed(words, speaker);
}
