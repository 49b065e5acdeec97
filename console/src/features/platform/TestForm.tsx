/** Try a provider as it is stored, step by step; with a login and password, whether they let somebody in. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import type { Schemas } from "@/api/ask";
import { platform, segment } from "@/api/client";
import { Fault, PasswordInput, SmallForm, Status, TextInput } from "@/ui";
import styles from "../tenancy/Tenancy.module.css";

export function TestForm({ name }: { name: string }) {
  const { t } = useLingui();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [trial, setTrial] = useState<Schemas["Trial"]>();
  const [error, setError] = useState<unknown>(null);
  const send = () => {
    setError(null);
    platform<Schemas["Trial"]>("POST", `/identityproviders/${segment(name)}/test`, { body: { login, password } }).then(setTrial, setError);
  };
  return (
    <SmallForm action={<Trans>Test</Trans>} send={send}>
      <TextInput data-autofocus label={t`Login`} description={t`Whom to look for in a directory; may be left empty`} autoComplete="off" value={login} onChange={(event) => setLogin(event.currentTarget.value)} />
      <PasswordInput label={t`Password`} description={t`To try whether it lets them in; it is not kept`} autoComplete="off" value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
      {trial && (
        <ol className={styles.lines} role="status" aria-label={t`Result`}>
          {trial.steps.map((step) => (
            <li key={step.name} style={{ justifyContent: "flex-start" }}>
              <Status value={step.succeeded ? t`Succeeded` : t`Failed`} tone={step.succeeded ? "ok" : "bad"} />
              <span>{step.says}</span>
            </li>
          ))}
        </ol>
      )}
      {error !== null && <Fault error={error} />}
    </SmallForm>
  );
}
