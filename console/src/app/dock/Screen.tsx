/** The terminal itself, and the way back when it ended. */
import { FitAddon, XTerm } from "@/ui/terminal";
import { Trans } from "@lingui/react/macro";
import { useLayoutEffect, useRef, useState } from "react";
import { openShell } from "@/api/exec";
import { Button } from "@/ui";
import type { Target } from "./store";
import styles from "./Terminal.module.css";

function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return { background: of("--surface"), foreground: of("--text"), cursor: of("--accent"), selectionBackground: of("--accent-soft"), selectionForeground: of("--text") };
}

const copy = (text: string) => void navigator.clipboard?.writeText(text).catch(() => undefined);

interface Shown extends Target {
  command: string[];
  label: string;
  /** What is done to connect again, where that is more than asking anew. */
  again?: () => void;
}

export function Screen({ cluster, namespace, pod, container, command, label, again }: Shown) {
  const place = useRef<HTMLDivElement>(null);
  const [ended, setEnded] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  // Before anything is painted: what is typed right after the click that opens it is for the terminal.
  useLayoutEffect(() => {
    const terminal = new XTerm({ fontFamily: "JetBrains Mono Variable, monospace", fontSize: 12.5, theme: colours(), cursorBlink: true, scrollback: 5000, minimumContrastRatio: 4.5 });
    const fit = new FitAddon();
    terminal.loadAddon(fit);
    terminal.open(place.current!);
    fit.fit();
    terminal.focus();
    const shell = openShell(
      { cluster, namespace, pod, container, command },
      {
        opened: () => shell.resize(terminal.cols, terminal.rows),
        output: (bytes) => terminal.write(bytes),
        ended: setEnded,
      },
    );
    terminal.onData(shell.write);
    terminal.onResize(({ cols, rows }) => shell.resize(cols, rows));
    terminal.onSelectionChange(() => {
      const chosen = terminal.getSelection();
      if (chosen) copy(chosen);
    });
    // Ctrl+C and Ctrl+V are the shell's; with Shift they are the browser's.
    terminal.attachCustomKeyEventHandler((event) => !(event.ctrlKey && event.shiftKey && event.code === "KeyV"));
    const watcher = new ResizeObserver(() => fit.fit());
    watcher.observe(place.current!);
    return () => {
      watcher.disconnect();
      shell.end();
      terminal.dispose();
    };
  }, [cluster, namespace, pod, container, command, round]);
  return (
    <>
      <div ref={place} className={styles.screen} role="application" aria-label={label} />
      {ended !== null && (
        <div className={styles.ended} role="status">
          <span>{ended ? <Trans>The terminal ended: {ended}</Trans> : <Trans>The terminal ended.</Trans>}</span>
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => {
              setEnded(null);
              if (again) again();
              else setRound(round + 1);
            }}
          >
            <Trans>Connect again</Trans>
          </Button>
        </div>
      )}
    </>
  );
}
