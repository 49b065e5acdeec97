/** The steps of kinds whose forms are short. */
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { kubernetes } from "@/api/client";
import { type KubeObject, pathOf } from "@/api/kube";
import { kindById } from "@/kinds";
import { type Place, namespaceOf, useAt, useMaking } from "../engine/form";
import { SECRETS, STORAGE_CLASSES, useNames, useObjects } from "../engine/useNames";
import { Entries, FlagAt, NameAt, PairsAt, PickAt, Row, SuggestAt } from "../fields";
import { Switch } from "@/ui";
import { AutoscalerFields } from "./AutoscalerFields";
import styles from "./forms.module.css";
import { RouteFields } from "./RouteFields";
import { ServiceFields } from "./ServiceFields";

const PODS = kindById("pods")!;

export function ServiceStep() {
  return (
    <>
      <ServiceFields />
      <Matched />
    </>
  );
}

/** How many pods the selector finds now. */
function Matched() {
  const making = useMaking();
  const selector = Object.entries((making.docs[0]!.spec?.selector ?? {}) as Record<string, string>).map((pair) => pair.join("=")).join(",");
  const namespace = namespaceOf(making);
  const { data } = useQuery({
    queryKey: ["matched", making.scope.cluster, namespace, selector],
    queryFn: () => kubernetes<{ items: KubeObject[] }>(making.scope.cluster, "GET", pathOf(PODS, namespace), { query: { labelSelector: selector } }),
    enabled: selector !== "" && namespace !== "",
    retry: false,
  });
  if (!data) return null;
  return (
    <p className={styles.counted} role="status">
      <Plural value={data.items.length} one="# pod has these labels now." other="# pods have these labels now." />
    </p>
  );
}

export const RouteStep = () => <RouteFields />;
export const AutoscalerStep = () => <AutoscalerFields />;

export function ServiceAccountStep() {
  const secrets = useNames(SECRETS);
  return (
    <>
      <FlagAt at={{ path: ["automountServiceAccountToken"] }} fallback off={false} label={<Trans>Its token is given to its pods</Trans>} />
      <Entries at={{ path: ["imagePullSecrets"] }} none={<Trans>For images of a registry that asks who one is.</Trans>} add={<Trans>Add a pull secret</Trans>} blank={() => ({ name: "" })}>
        {(at) => (
          <Row>
            <NameAt at={at("name")} names={secrets} required label={<Trans>Secret</Trans>} />
          </Row>
        )}
      </Entries>
    </>
  );
}

const DEFAULT = "storageclass.kubernetes.io/is-default-class";

export function StorageClassStep() {
  const { t } = useLingui();
  const { editing } = useMaking();
  const at = (...path: string[]): Place => ({ path });
  const provisioners = [...new Set(useObjects(STORAGE_CLASSES).map((each) => String(each.provisioner)))];
  const [usual, change] = useAt<string>(at("metadata", "annotations", DEFAULT));
  return (
    <>
      <Row>
        <SuggestAt at={at("provisioner")} data={provisioners} required disabled={editing} label={<Trans>Provisioner</Trans>} />
        <PickAt at={at("reclaimPolicy")} disabled={editing} data={[{ value: "Delete", label: t`The volume is deleted` }, { value: "Retain", label: t`The volume is kept` }]} fallback="Delete" label={<Trans>When its claim is deleted</Trans>} />
        <PickAt
          at={at("volumeBindingMode")}
          disabled={editing}
          data={[{ value: "Immediate", label: t`At once` }, { value: "WaitForFirstConsumer", label: t`When a pod needs it` }]}
          fallback="Immediate"
          label={<Trans>Volumes are made</Trans>}
        />
      </Row>
      <FlagAt at={at("allowVolumeExpansion")} label={<Trans>Claims can grow</Trans>} />
      <Switch mb={12} label={<Trans>The default for claims that name none</Trans>} checked={usual === "true"} onChange={(event) => change(event.currentTarget.checked ? "true" : undefined)} />
      <PairsAt at={at("parameters")} label={<Trans>Parameters of the provisioner</Trans>} add={<Trans>Add a parameter</Trans>} />
    </>
  );
}
