/** A token with which a program signs in as a service account; it ends by itself. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { kubernetes } from "@/api/client";
import { pathOf } from "@/api/kube";
import { Fault, Select, ShownOnce, SmallForm } from "@/ui";

const ACCOUNTS = { group: "", version: "v1", plural: "serviceaccounts", namespaced: true };
const HOUR = 3600;

interface Answer {
  status: { token: string; expirationTimestamp: string };
}

export function TokenForm({ cluster, namespace, name }: { cluster: string; namespace: string; name: string }) {
  const { t, i18n } = useLingui();
  const [seconds, setSeconds] = useState(String(HOUR));
  const [made, setMade] = useState<Answer | null>(null);
  const [error, setError] = useState<unknown>(null);
  const make = async () => {
    setError(null);
    const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: Number(seconds) } };
    try {
      setMade(await kubernetes<Answer>(cluster, "POST", pathOf(ACCOUNTS, namespace, name, "token"), { body }));
    } catch (caught) {
      setError(caught);
    }
  };
  if (made) {
    const until = new Intl.DateTimeFormat(i18n.locale, { dateStyle: "medium", timeStyle: "short" }).format(new Date(made.status.expirationTimestamp));
    return (
      <>
        <ShownOnce value={made.status.token} label={t`Token`} />
        <p className="dim"><Trans>It is good until {until}.</Trans></p>
      </>
    );
  }
  const spans = [
    { value: String(HOUR), label: t`An hour` },
    { value: String(24 * HOUR), label: t`A day` },
    { value: String(30 * 24 * HOUR), label: t`30 days` },
  ];
  return (
    <SmallForm action={<Trans>Make a token</Trans>} send={() => void make()}>
      <Select label={t`Good for`} data={spans} value={seconds} allowDeselect={false} onChange={(chosen) => setSeconds(chosen ?? seconds)} />
      {error !== null && <Fault error={error} />}
    </SmallForm>
  );
}
