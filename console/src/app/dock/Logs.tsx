/** Logs, live: searched, followed, saved. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { ActionIcon, Checkbox, Fault, IconDownload, IconSearch, TextInput } from "@/ui";
import type { DockTab } from "./store";
import { type LogLine, useLog } from "./useLog";
import styles from "./Logs.module.css";

const LINE = 20;
const HUES = 6;

export default function Logs({ tab }: { tab: Extract<DockTab, { type: "logs" }> }) {
  const { t } = useLingui();
  const [follow, setFollow] = useState(true);
  const [times, setTimes] = useState(false);
  const [words, setWords] = useState("");
  const { lines, error } = useLog(tab, true);
  const low = words.toLowerCase();
  const shown = useMemo(() => (low ? lines.filter((line) => line.text.toLowerCase().includes(low)) : lines), [lines, low]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: shown.length, getScrollElement: () => scroller.current, estimateSize: () => LINE, overscan: 20 });
  useEffect(() => {
    if (follow && shown.length) virtual.scrollToIndex(shown.length - 1, { align: "end" });
  }, [follow, shown.length, virtual]);
  const pods = tab.pods ?? [tab.pod];
  const name = tab.label ?? tab.pod;
  const several = pods.length > 1;
  return (
    <div className={styles.logs}>
      <div className={styles.bar}>
        <TextInput w={260} aria-label={t`Search in the log`} placeholder={t`Search in the log`} leftSection={<IconSearch size={14} />} value={words} onChange={(event) => setWords(event.currentTarget.value)} />
        <span className="dim"><Plural value={shown.length} one="# line" other="# lines" /></span>
        <span className={styles.end}>
          <Checkbox label={t`Times`} checked={times} onChange={(event) => setTimes(event.currentTarget.checked)} />
          <Checkbox label={t`Follow`} checked={follow} onChange={(event) => setFollow(event.currentTarget.checked)} />
          <ActionIcon aria-label={t`Download`} onClick={() => save(tab, shown)}>
            <IconDownload size={16} />
          </ActionIcon>
        </span>
      </div>
      {error !== null && lines.length === 0 && <Fault error={error} />}
      <div
        ref={scroller}
        className={styles.lines}
        role="log"
        aria-label={t`Log of ${name}`}
        tabIndex={0}
        onWheel={(event) => {
          if (event.deltaY < 0) setFollow(false);
        }}
      >
        <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {virtual.getVirtualItems().map((item) => {
            const line = shown[item.index]!;
            return (
              <div key={item.key} className={styles.line} style={{ transform: `translateY(${item.start}px)` }} data-level={levelOf(line.text)}>
                {times && <span className={styles.time}>{line.time.slice(11, 23)}</span>}
                {several && <span className={styles.pod} data-hue={pods.indexOf(line.pod) % HUES}>{line.pod.slice(-11)}</span>}
                <span>{marked(line.text, low)}</span>
              </div>
            );
          })}
        </div>
        {lines.length === 0 && error === null && <p className="dim"><Trans>Nothing has been written yet.</Trans></p>}
      </div>
    </div>
  );
}

/** What was searched for stands out. */
function marked(text: string, low: string): ReactNode {
  const at = low ? text.toLowerCase().indexOf(low) : -1;
  if (at < 0) return text;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + low.length)}</mark>
      {text.slice(at + low.length)}
    </>
  );
}

function levelOf(text: string): string | undefined {
  const found = /\b(error|fatal|panic|exception|critical)\b|\b(warn(?:ing)?)\b/i.exec(text.slice(0, 200));
  return found ? (found[1] ? "bad" : "warn") : undefined;
}

function save(tab: Extract<DockTab, { type: "logs" }>, lines: readonly LogLine[]) {
  const text = lines.map((line) => `${line.time} ${line.text}\n`).join("");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = `${tab.label ?? tab.pod}.log`;
  link.click();
  URL.revokeObjectURL(link.href);
}
