/** Says whether a list follows what happens, or shows what was known when the connection broke. */
import { Trans } from "@lingui/react/macro";
import { useConnection } from "@/api/useLive";
import { IconAlertTriangle } from "@/ui";
import styles from "./LiveMark.module.css";

export function LiveMark() {
  const connection = useConnection();
  if (connection === "open")
    return (
      <span className={styles.mark}>
        <i aria-hidden /> <Trans>Live</Trans>
      </span>
    );
  if (connection === "connecting") return null;
  return (
    <span role="status" className={styles.mark}>
      <IconAlertTriangle size={13} aria-hidden /> <Trans>The connection broke; connecting again</Trans>
    </span>
  );
}
