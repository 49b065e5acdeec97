/** kubectl in the browser, with one's own rights: a shell in a pod that the platform keeps while somebody looks. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { platform } from "@/api/client";
import type { components } from "@/api/gen";
import { Button, Empty, Fault, IconTerminal2, IconTrash } from "@/ui";
import { Loading } from "../Loading";
import { FileButtons, PasteHint } from "./Bar";
import { Screen } from "./Screen";
import styles from "./Terminal.module.css";

type Shell = components["schemas"]["Shell"];

const SOON = 1000;
/** It ends when nobody asks for a quarter of an hour. */
const NOW_AND_THEN = 60_000;

/** `round` begins anew. */
function useShell(round: number) {
  return useQuery({
    queryKey: ["shell", round],
    queryFn: () => platform<Shell>("PUT", "/me/shell"),
    refetchInterval: ({ state }) => (state.data?.state === "Off" ? false : state.data?.state === "Ready" ? NOW_AND_THEN : SOON),
    refetchIntervalInBackground: true,
    staleTime: Infinity,
    gcTime: 0,
  });
}

export default function Kubectl({ cluster, namespace, end }: { cluster: string; namespace: string; end: () => void }) {
  const [round, setRound] = useState(0);
  const { data, error, refetch } = useShell(round);
  const [ready, setReady] = useState<{ round: number; shell: Shell } | null>(null);
  if (data?.state === "Ready" && ready?.round !== round) setReady({ round, shell: data });
  if (ready?.round === round) {
    return <Open shell={ready.shell} cluster={cluster} namespace={namespace} again={() => setRound(round + 1)} end={end} />;
  }
  if (error) return <Fault error={error} retry={() => void refetch()} />;
  if (data?.state === "Off") return <Empty icon={IconTerminal2} title={<Trans>kubectl in the browser is off</Trans>}>{data.message}</Empty>;
  if (data?.message) return <Empty icon={IconTerminal2} title={<Trans>kubectl can't start yet</Trans>}>{data.message}</Empty>;
  return <Loading />;
}

function Open({ shell, cluster, namespace, again, end }: { shell: Shell; cluster: string; namespace: string; again: () => void; end: () => void }) {
  const { t } = useLingui();
  const place = { cluster: shell.cluster ?? "", namespace: shell.namespace ?? "", pod: shell.pod ?? "", container: shell.container };
  const [command] = useState(() => [...(shell.command ?? []), shell.contexts?.[cluster] ?? "", namespace]);
  const leave = async () => {
    await platform("DELETE", "/me/shell");
    end();
  };
  return (
    <div className={styles.terminal}>
      <div className={styles.bar}>
        <FileButtons place={place} />
        <Button size="compact-sm" variant="default" leftSection={<IconTrash size={14} />} onClick={() => void leave()} title={t`Its files go with it; another begins with the next kubectl you open`}>
          <Trans>End kubectl</Trans>
        </Button>
        <PasteHint />
      </div>
      <Screen {...place} command={command} label={t`kubectl`} again={again} />
    </div>
  );
}
