/** Hosts, paths and certificates of a route (Ingress). */
import { Trans, useLingui } from "@lingui/react/macro";
import { Autocomplete } from "@/ui";
import { type Place, useAt, useMaking } from "../engine/form";
import { INGRESS_CLASSES, SECRETS, SERVICES, useNames, useObjects } from "../engine/useNames";
import { Entries, Fold, NameAt, PairsAt, PickAt, Row, TextAt, WordsAt } from "../fields";
import type { At } from "../workload/ContainerFields";

interface Rule {
  host?: string;
  http?: { paths?: unknown[] };
}

const blankPath = () => ({ path: "/", pathType: "Prefix", backend: { service: { name: "", port: { number: 80 } } } });

export function RouteFields({ doc = 0 }: { doc?: number }) {
  const { t } = useLingui();
  const at = (...path: (string | number)[]): Place => ({ doc, path: ["spec", ...path] });
  const classes = useNames(INGRESS_CLASSES);
  const tls = useObjects(SECRETS).filter((secret) => secret.type === "kubernetes.io/tls");
  const types = [
    { value: "Prefix", label: t`Begins with` },
    { value: "Exact", label: t`Exactly` },
    { value: "ImplementationSpecific", label: t`As the controller likes` },
  ];
  const [certificates = []] = useAt<{ secretName?: string }[]>(at("tls"));
  return (
    <>
      <Entries<Rule> at={at("rules")} add={<Trans>Add a host</Trans>} blank={() => ({ host: "", http: { paths: [blankPath()] } })}>
        {(rule) => (
          <>
            <Row>
              <TextAt at={rule("host")} label={<Trans>Host</Trans>} placeholder="shop.example.org" description={<Trans>Empty: any host</Trans>} />
            </Row>
            <Entries at={rule("http", "paths")} least={1} add={<Trans>Add a path</Trans>} blank={blankPath}>
              {(path) => (
                <>
                  <Row>
                    <TextAt at={path("path")} required label={<Trans>Path</Trans>} />
                    <PickAt at={path("pathType")} data={types} label={<Trans>Matches</Trans>} />
                  </Row>
                  <BackendFields at={path} />
                </>
              )}
            </Entries>
          </>
        )}
      </Entries>
      <Fold title={<Trans>Certificates (TLS)</Trans>} summary={certificates.map((each) => each.secretName).join(", ")} holds={[at("tls")]}>
        <Entries at={at("tls")} none={<Trans>Without one it is reached by plain HTTP.</Trans>} add={<Trans>Add a certificate</Trans>} blank={() => ({ secretName: "" })}>
          {(entry) => (
            <Row>
              <NameAt at={entry("secretName")} names={tls.map((secret) => secret.metadata.name)} required label={<Trans>Secret with the certificate</Trans>} />
              <WordsAt at={entry("hosts")} label={<Trans>Hosts</Trans>} />
            </Row>
          )}
        </Entries>
      </Fold>
      <Fold title={<Trans>Options of the route</Trans>} holds={[at("ingressClassName")]}>
        <Row>
          <NameAt at={at("ingressClassName")} names={classes} label={<Trans>Ingress class</Trans>} placeholder={t`the default`} />
        </Row>
        {doc > 0 && <PairsAt at={{ doc, path: ["metadata", "annotations"] }} label={<Trans>Annotations</Trans>} add={<Trans>Add an annotation</Trans>} />}
      </Fold>
    </>
  );
}

/** Which service, and which of its ports. */
function BackendFields({ at }: { at: At }) {
  const { docs } = useMaking();
  const [name] = useAt<string>(at("backend", "service", "name"));
  const [port, change, error] = useAt<{ name?: string; number?: number }>(at("backend", "service", "port"), true);
  const own = docs.filter((doc) => doc.kind === "Service");
  const services = [...own, ...useObjects(SERVICES)];
  const ports = (services.find((service) => service.metadata.name === name)?.spec?.ports ?? []) as { name?: string; port: number }[];
  return (
    <Row>
      <NameAt at={at("backend", "service", "name")} names={[...new Set(services.map((service) => service.metadata.name))]} required label={<Trans>Service</Trans>} />
      <PortInput ports={ports} value={String(port?.name ?? port?.number ?? "")} error={error} change={(text) => change(/^\d+$/.test(text) ? { number: Number(text) } : { name: text })} />
    </Row>
  );
}

interface PortProps {
  ports: { name?: string; port: number }[];
  value: string;
  error?: string;
  change: (text: string) => void;
}

function PortInput({ ports, value, error, change }: PortProps) {
  const names = [...new Set(ports.flatMap((port) => [String(port.port), ...(port.name ? [port.name] : [])]))];
  return <Autocomplete label={<Trans>Port of the service</Trans>} withAsterisk data={names} value={value} error={error} onChange={change} />;
}
