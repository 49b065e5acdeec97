/** Why an object does not work, with the evidence: the answer of `armillary why`. Nothing where all is well. */
import { Trans } from "@lingui/react/macro";
import { useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { platform, segment } from "@/api/client";
import type { Shown } from "@/kinds";
import { IconAlertTriangle } from "@/ui";
import styles from "./Why.module.css";

interface Explained {
  healthy: boolean;
  paragraph: string;
  fix?: string;
  evidence?: { what: string; text: string }[];
}

const EVERY = 5000;

export function Why({ kind, object, scope }: Shown) {
  const { i18n } = useLingui();
  const { data } = useQuery({
    queryKey: ["why", scope.cluster, kind.id, object.metadata.uid, i18n.locale],
    queryFn: () =>
      platform<Explained>("GET", `/clusters/${segment(scope.cluster)}/why/${kind.plural}/${segment(object.metadata.name)}`, {
        query: { namespace: object.metadata.namespace, language: i18n.locale },
      }),
    refetchInterval: EVERY,
    retry: false,
  });
  if (!data || data.healthy) return null;
  return (
    <section className={styles.why}>
      <h2>
        <IconAlertTriangle size={17} aria-hidden /> <Trans>Why does this not work?</Trans>
      </h2>
      <p>{data.paragraph}</p>
    </section>
  );
}
