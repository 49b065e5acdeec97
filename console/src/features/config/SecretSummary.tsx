/** A secret at a glance: of which type it is, and its values, each hidden until somebody asks for it. */
import { msg } from "@lingui/core/macro";
import { Trans, useLingui } from "@lingui/react/macro";
import type { Shown } from "@/kinds";
import { readCertificates } from "@/lib/certificate";
import { secretEntries } from "@/lib/entries";
import { Card, Facts } from "@/ui";
import { decode } from "@/lib/base64";
import { registriesOf } from "@/wizards/model/secret";
import { ObjectLink } from "@/features/kinds/ObjectLink";
import tables from "@/features/kinds/Table.module.css";
import { Certificates } from "./Certificates";
import { SecretValue } from "./SecretValue";

const TYPES: Record<string, ReturnType<typeof msg>> = {
  Opaque: msg`Any values`, "kubernetes.io/tls": msg`Certificate and key`, "kubernetes.io/dockerconfigjson": msg`Image registry`,
  "kubernetes.io/basic-auth": msg`User name and password`, "kubernetes.io/ssh-auth": msg`SSH key`,
  "kubernetes.io/service-account-token": msg`Token of a service account`, "bootstrap.kubernetes.io/token": msg`Token for new nodes`,
  "helm.sh/release.v1": msg`Release of a chart`,
};
const ACCOUNT = "kubernetes.io/service-account.name";
const MAY_BE_PUBLIC = /\.(crt|pem|cert)$/;

export function SecretSummary({ object, scope }: Shown) {
  const { t } = useLingui();
  const { namespace = "", annotations = {} } = object.metadata;
  const type = (object.type ?? "Opaque") as string;
  const entries = secretEntries(object);
  const certificates = entries
    .filter(({ key }) => MAY_BE_PUBLIC.test(key))
    .flatMap(({ key, encoded = "" }) => readCertificates(decode(encoded) ?? "").map((each) => ({ key, ...each })));
  const account = annotations[ACCOUNT];
  return (
    <>
      <Card title={<Trans>Secret</Trans>}>
        <Facts
          items={[
            [<Trans>Type</Trans>, TYPES[type] ? <span title={type}>{t(TYPES[type])}</span> : type],
            [<Trans>Changes</Trans>, object.immutable ? <Trans>It cannot be changed (immutable)</Trans> : undefined],
            [<Trans>Service account</Trans>, account && <ObjectLink scope={scope} plural="serviceaccounts" namespace={namespace} name={account} />],
          ]}
        />
      </Card>
      <Certificates of={certificates} />
      <Registries config={(object.data as Record<string, string> | undefined)?.[".dockerconfigjson"]} />
      <Card title={<Trans>Values</Trans>} flush>
        <table className={tables.table}>
          <thead>
            <tr>
              <th><Trans>Key</Trans></th>
              <th><Trans>Size</Trans></th>
              <th><Trans>Value</Trans></th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => <SecretValue key={entry.key} entry={entry} />)}
            {entries.length === 0 && (
              <tr>
                <td colSpan={3} className="dim"><Trans>It holds nothing.</Trans></td>
              </tr>
            )}
          </tbody>
        </table>
      </Card>
    </>
  );
}

/** Where one signs in with it, and as whom. */
function Registries({ config }: { config?: string }) {
  const all = config ? registriesOf(config) : [];
  if (all.length === 0) return null;
  return (
    <Card title={<Trans>Registries</Trans>} flush>
      <table className={tables.table}>
        <thead>
          <tr>
            <th><Trans>Registry</Trans></th>
            <th><Trans>User name</Trans></th>
          </tr>
        </thead>
        <tbody>
          {all.map(({ server, username }) => (
            <tr key={server}>
              <td className="mono">{server}</td>
              <td>{username || "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
