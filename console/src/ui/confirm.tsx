/** Ask before something that cannot simply be taken back. */
import { Trans } from "@lingui/react/macro";
import { Button, Group, TextInput } from "@mantine/core";
import { modals } from "@mantine/modals";
import { type ReactNode, useState } from "react";
import { Fault } from "./Fault";

interface Asked {
  title: ReactNode;
  children: ReactNode;
  action: ReactNode;
  /** To be typed in, for what is not easily made again. */
  typed?: string;
  run: () => Promise<unknown>;
}

export function confirm(asked: Asked) {
  const id = modals.open({ title: asked.title, size: 520, children: <Confirm {...asked} close={() => modals.close(id)} /> });
}

function Confirm({ children, action, typed, run, close }: Asked & { close: () => void }) {
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const go = async () => {
    setBusy(true);
    setError(null);
    try {
      await run();
      close();
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void go();
      }}
    >
      {children}
      {typed && (
        <TextInput mt="sm" data-autofocus label={<Trans>Type {typed} to go on</Trans>} value={name} onChange={(event) => setName(event.currentTarget.value)} />
      )}
      {error !== null && <Fault error={error} />}
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={close}>
          <Trans>Cancel</Trans>
        </Button>
        <Button type="submit" color="red" loading={busy} disabled={typed !== undefined && name !== typed} data-autofocus={typed ? undefined : true}>
          {action}
        </Button>
      </Group>
    </form>
  );
}
