/** Begin from a pasted text or from an object that there is. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { getObject, type KubeObject } from "@/api/kube";
import { Button, Fault, FileButton, Group, IconChevronDown, Menu, Modal, Select, Textarea } from "@/ui";
import { copied } from "../model/object";
import { draftOf, type Draft, reread } from "../model/draft";
import { namespaceOf, useMaking } from "./form";
import { useNames } from "./useNames";

export function StartFrom({ take }: { take: (draft: Draft) => void }) {
  const [way, choose] = useState<"" | "paste" | "object">("");
  const close = () => choose("");
  const done = (draft: Draft) => {
    take(draft);
    close();
  };
  const { t } = useLingui();
  return (
    <>
      <Menu>
        <Menu.Target>
          <Button variant="subtle" rightSection={<IconChevronDown size={14} />}>
            <Trans>Start from</Trans>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => choose("paste")}>
            <Trans>Paste or open YAML</Trans>
          </Menu.Item>
          <Menu.Item onClick={() => choose("object")}>
            <Trans>An existing object</Trans>
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal closeButtonProps={{ "aria-label": t`Close` }} opened={way !== ""} onClose={close} size={640} title={way === "paste" ? <Trans>Paste or open YAML</Trans> : <Trans>Start from an existing object</Trans>}>
        {way === "paste" && <Paste done={done} />}
        {way === "object" && <Existing done={done} />}
      </Modal>
    </>
  );
}

function Paste({ done }: { done: (draft: Draft) => void }) {
  const [text, setText] = useState("");
  const draft = reread({ text: "", docs: [] }, text);
  return (
    <>
      <Textarea
        data-autofocus
        label="YAML"
        minRows={12}
        maxRows={20}
        autosize
        styles={{ input: { fontFamily: "var(--mono)" } }}
        value={text}
        error={text && draft.error}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Group justify="flex-end" mt="md">
        <FileButton onChange={(file) => void file?.text().then(setText)} accept=".yaml,.yml,.json,text/*">
          {(props) => (
            <Button variant="default" {...props}>
              <Trans>Open a file</Trans>
            </Button>
          )}
        </FileButton>
        <Button disabled={!text || draft.error !== undefined} onClick={() => done(draft)}>
          <Trans>Use this</Trans>
        </Button>
      </Group>
    </>
  );
}

function Existing({ done }: { done: (draft: Draft) => void }) {
  const { t } = useLingui();
  const making = useMaking();
  const { kind, scope } = making;
  const names = useNames(kind);
  const [error, setError] = useState<unknown>(null);
  const one = t(kind.one);
  const begin = (name: string) =>
    getObject(scope.cluster, kind, namespaceOf(making), name).then((object: KubeObject) => done(draftOf([copied(object)])), setError);
  return (
    <>
      <Select
        data-autofocus
        searchable
        label={one}
        description={<Trans>Everything of it is copied but its name, its state and what belongs to it alone.</Trans>}
        data={names}
        nothingFoundMessage={<Trans>Nothing matches</Trans>}
        onChange={(name) => name && void begin(name)}
      />
      {error !== null && <Fault error={error} />}
    </>
  );
}
