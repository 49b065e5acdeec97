/** Volumes and where containers see them. */
import { Trans, useLingui } from "@lingui/react/macro";
import { ActionIcon, Button, IconChevronDown, IconTrash, Menu } from "@/ui";
import { type Place, useMaking } from "../engine/form";
import { CLAIMS, CONFIG_MAPS, SECRETS, STORAGE_CLASSES, useNames } from "../engine/useNames";
import { FlagAt, NameAt, PickAt, Row, SuggestAt, TextAt } from "../fields";
import styles from "../fields/Layout.module.css";
import { set } from "../model/path";
import { claimsOf, type Container, containersOf, podOf, type Source, sourceOf, volumesOf, withoutVolume, withVolume } from "./model";

export function StorageStep() {
  const { t } = useLingui();
  const { docs, edit, editing } = useMaking();
  const workload = docs[0]!;
  const sources: [Source, string][] = [
    ["persistentVolumeClaim", t`Volume claim`],
    ...(workload.kind === "StatefulSet" && !editing ? [["claimTemplate", t`A claim of its own for each pod`] as [Source, string]] : []),
    ["configMap", t`Config map`],
    ["secret", t`Secret`],
    ["emptyDir", t`Empty directory, gone with the pod`],
    ["hostPath", t`Directory of the node`],
  ];
  const change = (next: (workload: typeof docs[0]) => typeof docs[0]) => edit((now) => [next(now[0]!)!, ...now.slice(1)]);
  const remove = (name: string) => (
    <ActionIcon className={styles.remove} size={24} aria-label={t`Remove ${name}`} onClick={() => change((now) => withoutVolume(now!, name))}>
      <IconTrash size={14} />
    </ActionIcon>
  );
  const volumes = volumesOf(workload);
  const claims = claimsOf(workload);
  return (
    <>
      {volumes.length + claims.length === 0 && (
        <p className={styles.none}>
          <Trans>No volumes: what its containers write is gone with them.</Trans>
        </p>
      )}
      {claims.map((claim, index) => (
        <div key={`claim-${index}`} className={styles.entry}>
          {!editing && remove(claim.metadata.name)}
          <ClaimTemplate index={index} disabled={editing} />
          <Mounts name={claim.metadata.name} />
        </div>
      ))}
      {volumes.map((volume, index) => (
        <div key={`volume-${index}`} className={styles.entry}>
          {remove(volume.name)}
          <VolumeFields path={[...podOf(workload.kind), "volumes", index]} source={sourceOf(volume)} title={sources.find(([source]) => source === sourceOf(volume))?.[1] ?? sourceOf(volume)} />
          <Mounts name={volume.name} />
        </div>
      ))}
      <Menu position="bottom-start">
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={14} />}>
            <Trans>Add a volume</Trans>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {sources.map(([source, title]) => (
            <Menu.Item key={source} onClick={() => change((now) => withVolume(now!, source, source === "configMap" || source === "secret" ? "/etc/config" : "/data"))}>
              {title}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

function VolumeFields({ path, source, title }: { path: (string | number)[]; source: string; title: string }) {
  const { t } = useLingui();
  const at = (...more: string[]): Place => ({ path: [...path, ...more] });
  const [claims, configMaps, secrets] = [useNames(CLAIMS), useNames(CONFIG_MAPS), useNames(SECRETS)];
  return (
    <>
      <div className={styles.legend}>{title}</div>
      <Row>
        {source === "persistentVolumeClaim" && <NameAt at={at(source, "claimName")} names={claims} required label={<Trans>Volume claim</Trans>} />}
        {source === "configMap" && <NameAt at={at(source, "name")} names={configMaps} required label={<Trans>Config map</Trans>} />}
        {source === "secret" && <NameAt at={at(source, "secretName")} names={secrets} required label={<Trans>Secret</Trans>} />}
        {source === "hostPath" && <TextAt at={at(source, "path")} required mono label={<Trans>Path on the node</Trans>} />}
        {source === "emptyDir" && <PickAt at={at(source, "medium")} data={[{ value: "Memory", label: t`In memory` }]} clearable label={<Trans>Kept</Trans>} placeholder={t`On the node's disk`} />}
        {source === "emptyDir" && <SuggestAt amount at={at(source, "sizeLimit")} data={["100Mi", "1Gi", "10Gi"]} label={<Trans>At most</Trans>} />}
      </Row>
    </>
  );
}

function ClaimTemplate({ index, disabled }: { index: number; disabled: boolean }) {
  const { t } = useLingui();
  const at = (...more: (string | number)[]): Place => ({ path: ["spec", "volumeClaimTemplates", index, "spec", ...more] });
  const classes = useNames(STORAGE_CLASSES);
  return (
    <>
      <div className={styles.legend}>
        <Trans>A claim of its own for each pod</Trans>
      </div>
      <Row>
        <SuggestAt amount at={at("resources", "requests", "storage")} data={["1Gi", "10Gi", "100Gi"]} required disabled={disabled} label={<Trans>Size</Trans>} />
        <NameAt at={at("storageClassName")} names={classes} disabled={disabled} label={<Trans>Storage class</Trans>} placeholder={t`the default`} />
      </Row>
    </>
  );
}

/** Where each container sees it. */
function Mounts({ name }: { name: string }) {
  const { docs } = useMaking();
  const workload = docs[0]!;
  const pod = podOf(workload.kind);
  const all = containersOf(workload);
  return all.map((container: Container, index) => (
    <MountsOf key={index} name={name} container={container} many={all.length > 1} at={{ path: [...pod, "containers", index, "volumeMounts"] }} />
  ));
}

function MountsOf({ name, container, many, at }: { name: string; container: Container; many: boolean; at: Place }) {
  const inside = container.name ?? "";
  const mounts = container.volumeMounts ?? [];
  const mounted = mounts.flatMap((mount, index) => (mount.name === name ? [index] : []));
  if (mounted.length === 0) return many ? <NotMounted name={name} container={container} at={at} /> : null;
  return mounted.map((index) => (
    <Row key={index}>
      <TextAt at={{ path: [...at.path, index, "mountPath"] }} required mono label={many ? <Trans>Path in {inside}</Trans> : <Trans>Path in the container</Trans>} />
      <TextAt at={{ path: [...at.path, index, "subPath"] }} mono label={<Trans>Only this file or folder of it</Trans>} />
      <div style={{ alignSelf: "end" }}>
        <FlagAt at={{ path: [...at.path, index, "readOnly"] }} label={<Trans>Read only</Trans>} />
      </div>
    </Row>
  ));
}

function NotMounted({ name, container, at }: { name: string; container: Container; at: Place }) {
  const { edit } = useMaking();
  const inside = container.name ?? "";
  const mount = () => edit((now) => now.map((doc, index) => (index === 0 ? set(doc, [...at.path, container.volumeMounts?.length ?? 0], { name, mountPath: "/data" }) : doc)));
  return (
    <Button variant="subtle" size="compact-xs" mb={8} onClick={mount}>
      <Trans>Also in {inside}</Trans>
    </Button>
  );
}
