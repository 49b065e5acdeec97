/** One container. What is not required is folded. */
import { Trans, useLingui } from "@lingui/react/macro";
import { type Place, useAt } from "../engine/form";
import { useImages } from "../engine/useNames";
import { Entries, FlagAt, Fold, LineAt, NumberAt, PickAt, Row, SuggestAt, TextAt } from "../fields";
import { get } from "../model/path";
import { EnvironmentFields } from "./EnvironmentFields";
import { ImageSays } from "./ImageSays";
import type { Container } from "./model";
import { ProbeFields } from "./ProbeFields";
import { probeKind } from "./container";

export type At = (...path: (string | number)[]) => Place;

export function ContainerFields({ at, init }: { at: At; init?: boolean }) {
  const { t } = useLingui();
  const images = useImages();
  const [found] = useAt<Container>(at());
  const container = found ?? {};
  const ports = container.ports ?? [];
  const security = get<Record<string, unknown>>(container, ["securityContext"]) ?? {};
  const user = get<number>(container, ["securityContext", "runAsUser"]);
  const probes = (["readinessProbe", "livenessProbe", "startupProbe"] as const).filter((name) => container[name]);
  const names = { readinessProbe: t`Ready`, livenessProbe: t`Alive`, startupProbe: t`Started` };
  const env = [...(get<{ name?: string }[]>(container, ["env"]) ?? []).map((each) => each.name)];
  return (
    <>
      <Row>
        <TextAt at={at("name")} required label={<Trans>Container name</Trans>} />
        <SuggestAt at={at("image")} required mono data={images} label={<Trans>Image</Trans>} placeholder="registry/name:tag" />
      </Row>
      <ImageSays at={at} />
      <Row>
        <SuggestAt amount at={at("resources", "requests", "cpu")} data={["50m", "100m", "250m", "500m", "1"]} label={<Trans>CPU request</Trans>} placeholder="100m" />
        <SuggestAt amount at={at("resources", "limits", "cpu")} data={["100m", "250m", "500m", "1", "2"]} label={<Trans>CPU limit</Trans>} placeholder="1" />
        <SuggestAt amount at={at("resources", "requests", "memory")} data={["64Mi", "128Mi", "256Mi", "512Mi", "1Gi"]} label={<Trans>Memory request</Trans>} placeholder="128Mi" />
        <SuggestAt amount at={at("resources", "limits", "memory")} data={["128Mi", "256Mi", "512Mi", "1Gi", "2Gi"]} label={<Trans>Memory limit</Trans>} placeholder="256Mi" />
      </Row>
      {!init && (
        <Fold title={<Trans>Ports</Trans>} summary={ports.map((port) => port.containerPort).join(", ")} holds={[at("ports")]}>
          <Entries at={at("ports")} add={<Trans>Add a port</Trans>} blank={(list) => ({ name: list.length ? `port-${list.length + 1}` : "http", containerPort: 8080 })}>
            {(port) => (
              <Row>
                <TextAt at={port("name")} label={<Trans>Name</Trans>} />
                <NumberAt at={port("containerPort")} min={1} max={65535} required label={<Trans>Port</Trans>} />
                <PickAt at={port("protocol")} data={["TCP", "UDP", "SCTP"]} fallback="TCP" label={<Trans>Protocol</Trans>} />
              </Row>
            )}
          </Entries>
        </Fold>
      )}
      <Fold title={<Trans>Environment</Trans>} summary={env.join(", ")} holds={[at("env"), at("envFrom")]}>
        <EnvironmentFields at={at} />
      </Fold>
      <Fold title={<Trans>Command</Trans>} summary={[...(get<string[]>(container, ["command"]) ?? []), ...(get<string[]>(container, ["args"]) ?? [])].join(" ")} holds={[at("command"), at("args")]}>
        <Row>
          <LineAt at={at("command")} label={<Trans>Command</Trans>} description={<Trans>Instead of the image's own</Trans>} placeholder="sh -c" />
          <LineAt at={at("args")} label={<Trans>Arguments</Trans>} description={<Trans>Quotes keep words together</Trans>} />
        </Row>
        <Row>
          <TextAt at={at("workingDir")} label={<Trans>Working directory</Trans>} />
          <PickAt at={at("imagePullPolicy")} data={["IfNotPresent", "Always", "Never"]} clearable label={<Trans>Pull the image</Trans>} placeholder={t`by its tag`} />
        </Row>
      </Fold>
      {!init && (
        <Fold title={<Trans>Health checks</Trans>} summary={probes.map((name) => `${names[name]} (${probeKind(container[name] as Record<string, unknown>)})`).join(", ")} holds={[at("readinessProbe"), at("livenessProbe"), at("startupProbe")]}>
          <ProbeFields at={(...path) => at("readinessProbe", ...path)} title={<Trans>Ready: it gets requests only while this succeeds</Trans>} port={ports[0]} />
          <ProbeFields at={(...path) => at("livenessProbe", ...path)} title={<Trans>Alive: it is started anew when this fails</Trans>} port={ports[0]} />
          <ProbeFields at={(...path) => at("startupProbe", ...path)} title={<Trans>Started: the other checks wait for this</Trans>} port={ports[0]} />
        </Fold>
      )}
      <Fold title={<Trans>Security</Trans>} summary={[user !== undefined && t`user ${user}`, security.privileged && t`privileged`, security.readOnlyRootFilesystem && t`read-only files`].filter(Boolean).join(", ")} holds={[at("securityContext")]}>
        <FlagAt at={at("securityContext", "runAsNonRoot")} label={<Trans>Never as root</Trans>} />
        <FlagAt at={at("securityContext", "readOnlyRootFilesystem")} label={<Trans>Its own files cannot be changed</Trans>} />
        <FlagAt at={at("securityContext", "allowPrivilegeEscalation")} fallback off={false} label={<Trans>May gain more rights than it begins with</Trans>} />
        <FlagAt at={at("securityContext", "privileged")} label={<Trans>Privileged: with all rights on the node</Trans>} />
        <Row>
          <NumberAt at={at("securityContext", "runAsUser")} min={0} label={<Trans>User number</Trans>} />
          <NumberAt at={at("securityContext", "runAsGroup")} min={0} label={<Trans>Group number</Trans>} />
        </Row>
      </Fold>
    </>
  );
}
