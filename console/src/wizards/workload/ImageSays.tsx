/** What the chosen image says of itself, and its ports as the container's. */
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { platform, segment } from "@/api/client";
import { isMissing } from "@/api/errors";
import { Button, Group, useDebouncedValue } from "@/ui";
import { namespaceOf, useAt, useMaking } from "../engine/form";
import type { At } from "./ContainerFields";
import { type ImageConfig, isRoot, portsOf } from "./image";

const PAUSE = 500;
const MIB = 1 << 20;

/** What the pod has to show to registries, as the query says it. */
function useShown(at: At): [string, string][] {
  const { path, doc } = at("image");
  const pod = path.slice(0, -3); // containers, which one, image
  const [secrets = []] = useAt<{ name?: string }[]>({ path: [...pod, "imagePullSecrets"], doc });
  const [account] = useAt<string>({ path: [...pod, "serviceAccountName"], doc });
  const named = secrets.flatMap(({ name }): [string, string][] => (name ? [["secrets", name]] : []));
  return account ? [...named, ["serviceAccount", account]] : named;
}

export function ImageSays({ at }: { at: At }) {
  const { i18n } = useLingui();
  const making = useMaking();
  const { cluster } = making.scope;
  const namespace = namespaceOf(making);
  const [written = ""] = useAt<string>(at("image"));
  const [ports, setPorts] = useAt<unknown[]>(at("ports"));
  const [image] = useDebouncedValue(written.trim(), PAUSE);
  const shown = useShown(at);
  const { data, error } = useQuery({
    queryKey: ["image", cluster, namespace, image, shown],
    queryFn: () => platform<ImageConfig>("GET", `/clusters/${segment(cluster)}/images/config?${new URLSearchParams([["image", image], ["namespace", namespace], ...shown])}`),
    enabled: image !== "" && namespace !== "",
    retry: false,
    staleTime: 60_000,
  });
  if (image !== written.trim() || !image) return null;
  if (isMissing(error)) return <p className="dim" role="status"><Trans>No registry that the platform can read has this image. The nodes may have it, or reach others; a registry that asks who one is needs a pull secret.</Trans></p>;
  if (!data) return null;
  const own = portsOf(data);
  const listens = data.ports.join(", ");
  const megabytes = Math.round(data.sizeBytes / MIB).toLocaleString(i18n.locale);
  const user = data.user;
  return (
    <Group gap="xs" className="dim" role="status" mb={8}>
      {listens && <span><Trans>Listens on {listens}.</Trans></span>}
      <span>{isRoot(data) ? <Trans>Runs as root.</Trans> : <Trans>Runs as {user}.</Trans>}</span>
      {data.sizeBytes > 0 && <span><Trans>{megabytes} MiB.</Trans></span>}
      {own.length > 0 && !ports?.length && (
        <Button size="compact-xs" variant="default" onClick={() => setPorts(own)}>
          <Trans>Use its ports</Trans>
        </Button>
      )}
    </Group>
  );
}
