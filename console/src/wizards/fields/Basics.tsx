/** What every object has: its name, its place and words about it. */
import { Trans, useLingui } from "@lingui/react/macro";
import type { ReactNode } from "react";
import { Select, TextInput } from "@/ui";
import { useAt, useMaking } from "../engine/form";
import { NAMESPACES, useNames } from "../engine/useNames";
import { ALIAS, DESCRIPTION, nameFault } from "../model/object";
import { set } from "../model/path";
import { TextAt } from "./inputs";
import { Fold, Row } from "./Layout";
import { PairsAt } from "./PairsAt";

export function Basics({ children }: { children?: ReactNode }) {
  const { editing, scope, kind } = useMaking();
  return (
    <>
      <Row>
        <NameField />
        <TextAt at={{ path: ["metadata", "annotations", ALIAS] }} label={<Trans>Alias</Trans>} description={<Trans>Shown beside the name; any words.</Trans>} />
      </Row>
      {kind.namespaced && !editing && scope.level !== "project" && <NamespaceField />}
      <Row>
        <TextAt at={{ path: ["metadata", "annotations", DESCRIPTION] }} label={<Trans>Description</Trans>} />
      </Row>
      {children}
      <LabelsFold />
    </>
  );
}

function NameField() {
  const { t } = useLingui();
  const { editing, edit, form } = useMaking();
  const [name, change, error] = useAt<string>({ path: ["metadata", "name"] });
  const faults = { empty: "", long: t`At most 63 characters`, shape: t`Small letters, digits and hyphens, with a letter or digit at both ends` };
  const fault = nameFault(name ?? "");
  return (
    <TextInput
      label={<Trans>Name</Trans>}
      withAsterisk
      disabled={editing}
      autoFocus={!editing}
      description={<Trans>Cannot be changed later.</Trans>}
      value={name ?? ""}
      error={(fault && !editing && faults[fault]) || error}
      onChange={(event) => {
        const wanted = event.currentTarget.value;
        if (form.rename) edit((docs) => form.rename!(docs, wanted));
        else change(wanted);
      }}
    />
  );
}

function NamespaceField() {
  const { docs, edit, scope } = useMaking();
  const names = useNames(NAMESPACES, scope.namespace ? [scope.namespace] : []);
  const value = docs[0]?.metadata?.namespace ?? null;
  return (
    <Row>
      <Select
        label={<Trans>Namespace</Trans>}
        withAsterisk
        searchable
        data={names}
        value={value}
        onChange={(namespace) => edit((now) => now.map((doc) => set(doc, ["metadata", "namespace"], namespace ?? undefined)))}
      />
    </Row>
  );
}

export function LabelsFold() {
  const { docs } = useMaking();
  const count = Object.keys(docs[0]?.metadata?.labels ?? {}).length + Object.keys(docs[0]?.metadata?.annotations ?? {}).length;
  return (
    <Fold title={<Trans>Labels and annotations</Trans>} summary={count} holds={[{ path: ["metadata", "labels"] }, { path: ["metadata", "annotations"] }]}>
      <PairsAt at={{ path: ["metadata", "labels"] }} label={<Trans>Labels</Trans>} add={<Trans>Add a label</Trans>} />
      <PairsAt at={{ path: ["metadata", "annotations"] }} label={<Trans>Annotations</Trans>} add={<Trans>Add an annotation</Trans>} />
    </Fold>
  );
}
