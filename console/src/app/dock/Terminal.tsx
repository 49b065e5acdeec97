/** A shell in a container of a pod: which one, which shell, files in and out, and a container to look into others with. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { SHELL } from "@/api/exec";
import { pathOf, type KubeObject } from "@/api/kube";
import { useCan } from "@/api/session";
import { useKube } from "@/api/useKube";
import { confirm, IconActivity, PermittedButton, Select } from "@/ui";
import { Answer } from "../Answer";
import { type Container, containersOf } from "./containers";
import { DebugForm } from "./DebugForm";
import { FileButtons, PasteHint } from "./Bar";
import { Screen } from "./Screen";
import type { Target } from "./store";
import styles from "./Terminal.module.css";

const PODS = { group: "", version: "v1", plural: "pods", namespaced: true };
const OFTEN = 3000;
const BEST = "best";
const SHELLS: Record<string, string[]> = { [BEST]: SHELL, bash: ["bash"], sh: ["sh"], ash: ["ash"], zsh: ["zsh"] };
const ASKS = [{ verb: "patch", group: "", resource: "pods", subresource: "ephemeralcontainers" }];

export default function Terminal({ target }: { target: Target }) {
  const { t } = useLingui();
  const { cluster, namespace, pod } = target;
  const [container, setContainer] = useState(target.container);
  const [shell, setShell] = useState(BEST);
  const found = useKube<KubeObject>(cluster, pathOf(PODS, namespace, pod), undefined, OFTEN);
  const [canDebug = { allowed: false }] = useCan(cluster, namespace, ASKS);
  const containers = containersOf(found.data);
  const chosen = container ?? containers[0]?.name;
  const place = { cluster, namespace, pod, container: chosen };
  const sorts: Record<Container["sort"], string> = { containers: t`Containers`, initContainers: t`Init containers`, ephemeralContainers: t`Debug containers` };
  const data = (Object.keys(sorts) as Container["sort"][]).flatMap((sort) => {
    const items = containers.filter((each) => each.sort === sort).map(({ name, isRunning }) => ({ value: name, label: isRunning ? name : t`${name} (not running)`, disabled: !isRunning && name !== chosen }));
    return items.length ? [{ group: sorts[sort], items }] : [];
  });
  return (
    <div className={styles.terminal}>
      <div className={styles.bar}>
        <Select w={220} aria-label={t`Container`} allowDeselect={false} data={data} value={chosen ?? null} onChange={(name) => name && setContainer(name)} />
        <Select
          w={150} aria-label={t`Shell`} allowDeselect={false} value={shell} onChange={(name) => name && setShell(name)}
          data={Object.keys(SHELLS).map((value) => ({ value, label: value === BEST ? t`Best shell there` : value }))}
        />
        <FileButtons place={place} />
        <PermittedButton
          can={canDebug} size="compact-sm" variant="default" leftSection={<IconActivity size={14} />}
          onClick={() => confirm({ title: <Trans>Debug {pod}</Trans>, form: (send) => <DebugForm place={place} send={send} started={setContainer} /> })}
        >
          <Trans>Debug container</Trans>
        </PermittedButton>
        <PasteHint />
      </div>
      {chosen ? <Screen key={`${chosen} ${shell}`} {...place} command={SHELLS[shell]!} label={t`Terminal of ${pod}`} /> : <Answer of={found}>{() => <p className={styles.nothing}><Trans>The pod has no containers.</Trans></p>}</Answer>}
    </div>
  );
}
