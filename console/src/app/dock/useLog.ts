/** The log of one or several pods, as it comes; after a break it goes on where it was. */
import { useEffect, useState } from "react";
import { readLog } from "@/api/logs";
import { Ring } from "@/lib/ring";
import type { DockTab } from "./store";

const MOST = 20_000;
const TAIL = 500;
const REDRAW = 100;
const AGAIN = 2000;

export interface LogLine {
  pod: string;
  time: string;
  text: string;
}

export function lineOf(pod: string, line: string): LogLine {
  const space = line.indexOf(" ");
  return { pod, time: line.slice(0, space), text: line.slice(space + 1) };
}

export function useLog(tab: Extract<DockTab, { type: "logs" }>, follow: boolean) {
  const [lines, setLines] = useState<readonly LogLine[]>([]);
  const [error, setError] = useState<unknown>(null);
  const { cluster, namespace, container, previous } = tab;
  const pods = (tab.pods ?? [tab.pod]).join(" ");
  useEffect(() => {
    const ring = new Ring<LogLine>(MOST);
    const stop = new AbortController();
    let waiting = false;
    const soon = () => {
      if (waiting) return;
      waiting = true;
      setTimeout(() => {
        waiting = false;
        setLines(ring.all);
      }, REDRAW);
    };
    const run = async (pod: string) => {
      let since: string | undefined;
      while (!stop.signal.aborted) {
        let last = since;
        const ask = { cluster, namespace, pod, container, previous, follow: follow && !previous, tailLines: since ? undefined : TAIL, sinceTime: since };
        try {
          await readLog(ask, stop.signal, (lines) => {
            // The server tells again what came within the second it is asked from.
            const fresh = lines.map((line) => lineOf(pod, line)).filter((line) => !since || line.time > since);
            if (fresh.length) {
              last = fresh.at(-1)!.time;
              ring.add(fresh);
              soon();
            }
          });
          setError(null);
        } catch (caught) {
          if (stop.signal.aborted) return;
          setError(caught);
        }
        soon();
        if (previous || !follow) return;
        since = last;
        await new Promise((done) => setTimeout(done, AGAIN));
      }
    };
    for (const pod of pods.split(" ")) void run(pod);
    return () => {
      stop.abort();
      setLines([]);
    };
  }, [cluster, namespace, pods, container, previous, follow]);
  return { lines, error };
}
