/** A volume claim: how much, of which class, for how many. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useList } from "@/features/kinds/useList";
import { kindById } from "@/kinds";
import { ChoiceAt, NameField, placeOf, TextAt } from "./fields";
import { Columns, Section } from "./Section";
import type { FormProps } from ".";

export function ClaimForm(form: FormProps) {
  const { t } = useLingui();
  const place = placeOf(form, 0);
  const classes = useList(form.scope.cluster, kindById("storageclasses")!, { sort: "name" });
  return (
    <Section title={<Trans>Volume claim</Trans>}>
      <Columns>
        <NameField form={form} />
        <TextAt place={place} path={["spec", "resources", "requests", "storage"]} label={t`Size`} placeholder="1Gi" mono required />
        <ChoiceAt
          place={place}
          path={["spec", "accessModes", 0]}
          label={t`Access`}
          choices={[
            { value: "ReadWriteOnce", label: t`read and write, from one node` },
            { value: "ReadWriteMany", label: t`read and write, from many nodes` },
            { value: "ReadOnlyMany", label: t`read only, from many nodes` },
            { value: "ReadWriteOncePod", label: t`read and write, from one pod` },
          ]}
        />
        <ChoiceAt
          place={place}
          path={["spec", "storageClassName"]}
          label={t`Storage class`}
          choices={[{ value: "", label: t`the default` }, ...classes.rows.map((row) => ({ value: row.name, label: row.name }))]}
        />
      </Columns>
    </Section>
  );
}
