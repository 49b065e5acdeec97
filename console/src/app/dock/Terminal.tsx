/** A shell in a container. */
import { FitAddon, XTerm } from "@/ui/terminal";
import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";
import { openShell, SHELL } from "@/api/exec";
import { Button } from "@/ui";
import type { Target } from "./store";
import styles from "./Terminal.module.css";

function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return { background: of("--surface"), foreground: of("--text"), cursor: of("--accent"), selectionBackground: of("--accent-soft"), selectionForeground: of("--text") };
}

export default function Terminal({ target }: { target: Target }) {
  const { t } = useLingui();
  const place = useRef<HTMLDivElement>(null);
  const [ended, setEnded] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  const { cluster, namespace, pod, container } = target;
  useEffect(() => {
    const terminal = new XTerm({ fontFamily: "JetBrains Mono Variable, monospace", fontSize: 12.5, theme: colours(), cursorBlink: true, scrollback: 5000 });
    const fit = new FitAddon();
    terminal.loadAddon(fit);
    terminal.open(place.current!);
    fit.fit();
    const shell = openShell(
      { cluster, namespace, pod, container, command: SHELL },
      {
        opened: () => {
          shell.resize(terminal.cols, terminal.rows);
          terminal.focus();
        },
        output: (bytes) => terminal.write(bytes),
        ended: setEnded,
      },
    );
    terminal.onData(shell.write);
    terminal.onResize(({ cols, rows }) => shell.resize(cols, rows));
    terminal.onSelectionChange(() => {
      const chosen = terminal.getSelection();
      if (chosen) void navigator.clipboard?.writeText(chosen).catch(() => undefined);
    });
    const watcher = new ResizeObserver(() => fit.fit());
    watcher.observe(place.current!);
    return () => {
      watcher.disconnect();
      shell.end();
      terminal.dispose();
    };
  }, [cluster, namespace, pod, container, round]);
  return (
    <div className={styles.terminal}>
      <div ref={place} className={styles.screen} role="application" aria-label={t`Terminal of ${pod}`} />
      {ended !== null && (
        <div className={styles.ended} role="status">
          <span>{ended ? <Trans>The terminal ended: {ended}</Trans> : <Trans>The terminal ended.</Trans>}</span>
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => {
              setEnded(null);
              setRound(round + 1);
            }}
          >
            <Trans>Connect again</Trans>
          </Button>
        </div>
      )}
    </div>
  );
}
