/** Ask before something that cannot simply be taken back. */
import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Button, Group, TextInput } from "@mantine/core";
import { modals } from "@mantine/modals";
import { type ReactNode, useState } from "react";
import { Fault } from "./Fault";

interface Question {
  title: ReactNode;
  children: ReactNode;
  action: ReactNode;
  /** Whether something is lost by it. */
  danger?: boolean;
  /** To be typed in, for what is not easily made again. */
  typed?: string;
  run: () => Promise<unknown>;
}

/** A form of its own: it calls `send` with what is to be done, which closes the window when it has worked. */
interface Form {
  title: ReactNode;
  form: (send: (run: () => Promise<unknown>) => void) => ReactNode;
  size?: number;
}

export function confirm(asked: Question | Form) {
  const close = () => modals.close(id);
  const id: string = modals.open({
    title: asked.title,
    closeButtonProps: { "aria-label": t`Close` },
    size: "size" in asked ? asked.size : 520,
    children: "form" in asked ? <Sending {...asked} close={close} /> : <Confirm {...asked} close={close} />,
  });
}

function Sending({ form, close }: Form & { close: () => void }) {
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const send = (run: () => Promise<unknown>) => {
    setBusy(true);
    setError(null);
    run().then(close, (caught: unknown) => {
      setError(caught);
      setBusy(false);
    });
  };
  return (
    <fieldset disabled={busy} style={{ all: "unset", display: "block" }}>
      {form(send)}
      {error !== null && <Fault error={error} />}
    </fieldset>
  );
}

function Confirm({ children, action, danger, typed, run, close }: Question & { close: () => void }) {
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
        <Button type="submit" color={danger ? "red" : undefined} loading={busy} disabled={typed !== undefined && name !== typed} data-autofocus={typed ? undefined : true}>
          {action}
        </Button>
      </Group>
    </form>
  );
}
