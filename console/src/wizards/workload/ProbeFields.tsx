/** One health check. */
import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Select } from "@/ui";
import { useAt } from "../engine/form";
import { IntOrTextAt, LineAt, NumberAt, PickAt, Row, TextAt } from "../fields";
import styles from "../fields/Layout.module.css";
import { type ProbeKind, probed, probeKind } from "./container";
import type { At } from "./ContainerFields";

interface Props {
  at: At;
  title: ReactNode;
  port?: { name?: string; containerPort?: number };
}

export function ProbeFields({ at, title, port }: Props) {
  const { t } = useLingui();
  const [probe, change] = useAt<Record<string, unknown>>(at());
  const kind = probeKind(probe);
  const data = [
    { value: "none", label: t`None` },
    { value: "httpGet", label: t`HTTP request` },
    { value: "tcpSocket", label: t`TCP connection` },
    { value: "exec", label: t`Command` },
    { value: "grpc", label: t`gRPC` },
  ];
  const asked = (next: ProbeKind) => change(probed(probe, next, (next === "grpc" ? port?.containerPort : (port?.name ?? port?.containerPort)) ?? 80));
  return (
    <>
      <div className={styles.legend}>{title}</div>
      <Row>
        <Select aria-label={t`Way of asking`} data={data} allowDeselect={false} value={kind} onChange={(next) => next && next !== kind && asked(next as ProbeKind)} />
        {kind === "httpGet" && <TextAt at={at("httpGet", "path")} label={<Trans>Path</Trans>} />}
        {(kind === "httpGet" || kind === "tcpSocket") && <IntOrTextAt at={at(kind, "port")} required label={<Trans>Port</Trans>} />}
        {kind === "httpGet" && <PickAt at={at("httpGet", "scheme")} data={["HTTP", "HTTPS"]} fallback="HTTP" label={<Trans>Scheme</Trans>} />}
        {kind === "grpc" && <NumberAt at={at("grpc", "port")} min={1} max={65535} required label={<Trans>Port</Trans>} />}
        {kind === "grpc" && <TextAt at={at("grpc", "service")} label={<Trans>Service name</Trans>} />}
        {kind === "exec" && <LineAt at={at("exec", "command")} label={<Trans>Command</Trans>} />}
      </Row>
      {kind !== "none" && (
        <Row>
          <NumberAt at={at("initialDelaySeconds")} min={0} suffix=" s" label={<Trans>First after</Trans>} placeholder="0 s" />
          <NumberAt at={at("periodSeconds")} min={1} suffix=" s" label={<Trans>Every</Trans>} placeholder="10 s" />
          <NumberAt at={at("timeoutSeconds")} min={1} suffix=" s" label={<Trans>Wait at most</Trans>} placeholder="1 s" />
          <NumberAt at={at("failureThreshold")} min={1} label={<Trans>Failures in a row</Trans>} placeholder="3" />
        </Row>
      )}
    </>
  );
}
