/** A secret's type and its values, which are encoded for whoever enters them. */
import { Trans, useLingui } from "@lingui/react/macro";
import { type ReactNode, useState } from "react";
import { readCertificate } from "@/lib/certificate";
import { Button, FileButton, PasswordInput, Select, Textarea, TextInput } from "@/ui";
import { useAt, useMaking } from "../engine/form";
import { FlagAt, PairsAt, Row } from "../fields";
import { decode, encode, encodeBytes } from "@/lib/base64";
import { registryOf, type SecretType, typed, TYPES, withRegistry } from "../model/secret";
import { FileDrop } from "./FileDrop";
import styles from "./forms.module.css";

export function SecretStep() {
  const { t } = useLingui();
  const { docs, edit, editing } = useMaking();
  const type = (docs[0]!.type as string | undefined) ?? "Opaque";
  const words: Record<string, string> = {
    Opaque: t`Generic: any keys`,
    "kubernetes.io/tls": t`TLS: certificate and key`,
    "kubernetes.io/dockerconfigjson": t`Image registry`,
    "kubernetes.io/basic-auth": t`User name and password`,
    "kubernetes.io/ssh-auth": t`SSH key`,
  };
  const data = [...new Set([...TYPES, type])].map((value) => ({ value, label: words[value] ?? value }));
  return (
    <>
      <Row>
        <Select
          label={<Trans>Type</Trans>}
          data={data}
          value={type}
          disabled={editing}
          allowDeselect={false}
          onChange={(next) => next && next !== type && edit(([secret, ...rest]) => [typed(secret!, next as SecretType), ...rest])}
        />
      </Row>
      {type === "kubernetes.io/tls" ? (
        <Certificate />
      ) : type === "kubernetes.io/dockerconfigjson" ? (
        <RegistryLogin />
      ) : type === "kubernetes.io/basic-auth" ? (
        <Row>
          <Value name="username" label={<Trans>User name</Trans>} />
          <Value name="password" label={<Trans>Password</Trans>} hidden />
        </Row>
      ) : type === "kubernetes.io/ssh-auth" ? (
        <LongValue name="ssh-privatekey" label={<Trans>Private key</Trans>} />
      ) : (
        <Generic />
      )}
      <FlagAt at={{ path: ["immutable"] }} label={<Trans>Cannot be changed any more</Trans>} />
    </>
  );
}

function Generic() {
  const [found, change] = useAt<Record<string, string>>({ path: ["data"] });
  return (
    <>
      <PairsAt tall at={{ path: ["data"] }} label={<Trans>Data</Trans>} add={<Trans>Add an entry</Trans>} decode={(value) => decode(value) ?? value} encode={encode} />
      <FileDrop take={(files) => change({ ...found, ...Object.fromEntries(files.map(({ name, bytes }) => [name, encodeBytes(bytes)])) })} />
    </>
  );
}

function useValue(name: string): [string, (text: string) => void, string | undefined] {
  const [value = "", change, error] = useAt<string>({ path: ["data", name] });
  return [decode(value) ?? "", (text) => change(encode(text)), error];
}

function Value({ name, label, hidden }: { name: string; label: ReactNode; hidden?: boolean }) {
  const [text, change, error] = useValue(name);
  const Input = hidden ? PasswordInput : TextInput;
  return <Input label={label} withAsterisk autoComplete="off" value={text} error={error} onChange={(event) => change(event.currentTarget.value)} />;
}

function LongValue({ name, label }: { name: string; label: ReactNode }) {
  const [text, change, error] = useValue(name);
  return (
    <>
      <Textarea
        label={label}
        withAsterisk
        autosize
        minRows={4}
        maxRows={12}
        mb={6}
        spellCheck={false}
        styles={{ input: { fontFamily: "var(--mono)" } }}
        value={text}
        error={error}
        onChange={(event) => change(event.currentTarget.value)}
      />
      <FileButton onChange={(file) => void file?.text().then(change)}>
        {(props) => (
          <Button variant="default" size="compact-xs" mb={12} {...props}>
            <Trans>Open a file</Trans>
          </Button>
        )}
      </FileButton>
    </>
  );
}

const SOON = 30 * 86_400_000;

function Certificate() {
  const { i18n } = useLingui();
  const [pem] = useValue("tls.crt");
  const [now] = useState(Date.now);
  const found = readCertificate(pem);
  const left = found ? found.until.getTime() - now : 0;
  const until = found?.until.toLocaleString(i18n.locale) ?? "";
  const names = found?.names.join(", ") ?? "";
  return (
    <>
      <LongValue name="tls.crt" label={<Trans>Certificate (PEM, with those that vouch for it)</Trans>} />
      {pem && (
        <p className={styles.expiry} role="status" data-tone={left <= 0 ? "bad" : left < SOON ? "warn" : "ok"}>
          {!found ? <Trans>This is not a certificate.</Trans> : left <= 0 ? <Trans>Expired on {until}</Trans> : <Trans>Valid until {until}</Trans>} {names}
        </p>
      )}
      <LongValue name="tls.key" label={<Trans>Private key</Trans>} />
    </>
  );
}

function RegistryLogin() {
  const [value = "", change, error] = useAt<string>({ path: ["data", ".dockerconfigjson"] });
  const login = registryOf(value);
  const put = (part: Partial<typeof login>) => change(withRegistry(value, { ...login, ...part }));
  return (
    <Row>
      <TextInput label={<Trans>Registry</Trans>} withAsterisk placeholder="registry.example.org" value={login.server} error={error} onChange={(event) => put({ server: event.currentTarget.value })} />
      <TextInput label={<Trans>User name</Trans>} autoComplete="off" value={login.username} onChange={(event) => put({ username: event.currentTarget.value })} />
      <PasswordInput label={<Trans>Password</Trans>} autoComplete="off" value={login.password} onChange={(event) => put({ password: event.currentTarget.value })} />
    </Row>
  );
}
