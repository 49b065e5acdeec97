/** Size, class and mode of a volume claim. */
import { Trans, useLingui } from "@lingui/react/macro";
import { Select } from "@/ui";
import { type Place, useAt, useMaking } from "../engine/form";
import { CLAIMS, STORAGE_CLASSES, useNames, useObjects } from "../engine/useNames";
import { Fold, NameAt, PickAt, Row, SuggestAt } from "../fields";

const DEFAULT = "storageclass.kubernetes.io/is-default-class";

export function ClaimStep() {
  const { t } = useLingui();
  const { editing } = useMaking();
  const at = (...path: string[]): Place => ({ path: ["spec", ...path] });
  const classes = useObjects(STORAGE_CLASSES);
  const usual = classes.find((each) => each.metadata.annotations?.[DEFAULT] === "true")?.metadata.name;
  const [modes = [], change, error] = useAt<string[]>(at("accessModes"), true);
  const [source] = useAt<string>(at("dataSource", "name"));
  return (
    <>
      <Row>
        <SuggestAt amount at={at("resources", "requests", "storage")} data={["1Gi", "5Gi", "10Gi", "50Gi", "100Gi"]} required label={<Trans>Size</Trans>} description={editing ? <Trans>Can only grow</Trans> : undefined} />
        <NameAt at={at("storageClassName")} disabled={editing} names={classes.map((each) => each.metadata.name)} label={<Trans>Storage class</Trans>} placeholder={usual ? t`the default: ${usual}` : t`the default`} />
      </Row>
      <Row>
        <Select
          label={<Trans>Access</Trans>}
          disabled={editing}
          allowDeselect={false}
          error={error}
          data={[
            { value: "ReadWriteOnce", label: t`One node reads and writes` },
            { value: "ReadWriteOncePod", label: t`One pod reads and writes` },
            { value: "ReadWriteMany", label: t`Many nodes read and write` },
            { value: "ReadOnlyMany", label: t`Many nodes only read` },
          ]}
          value={modes[0] ?? null}
          onChange={(mode) => mode && change([mode])}
        />
        <PickAt at={at("volumeMode")} disabled={editing} data={[{ value: "Filesystem", label: t`File system` }, { value: "Block", label: t`Raw device` }]} fallback="Filesystem" label={<Trans>Mode</Trans>} />
      </Row>
      {!editing && (
        <Fold title={<Trans>Begin as a copy</Trans>} summary={source} holds={[at("dataSource")]}>
          <Source />
        </Fold>
      )}
    </>
  );
}

function Source() {
  const { t } = useLingui();
  const [source, change, error] = useAt<{ kind?: string; name?: string }>({ path: ["spec", "dataSource"] }, true);
  const claims = useNames(CLAIMS);
  return (
    <Row>
      <Select
        label={<Trans>Volume claim</Trans>}
        clearable
        error={error}
        placeholder={t`none: it begins empty`}
        data={claims}
        value={source?.name ?? null}
        onChange={(name) => change(name === null ? undefined : { kind: "PersistentVolumeClaim", name })}
      />
    </Row>
  );
}
