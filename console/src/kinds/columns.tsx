/** Columns that several kinds share. */
import { msg } from "@lingui/core/macro";
import { toneOf, toneOfReady } from "@/lib/tone";
import { Age, Status } from "@/ui";
import type { KindColumn } from "./kind";

export const column = (id: string, title: KindColumn["title"], width: string, more: Partial<KindColumn> = {}): KindColumn => ({ id, title, width, ...more });

export const mono = (value: string) => <span className="mono">{value}</span>;

export const statusColumn = (id = "status") =>
  column(id, msg`Status`, "minmax(130px, 1fr)", { show: (value) => <Status value={value} tone={toneOf(value)} /> });

/** A moment, as how long ago it was. */
export const moment = (value: string) => (value ? <Age since={value} /> : null);

/** `2/3`, with a word for whoever does not see the colour. */
export const readyColumn = column("ready", msg`Ready`, "110px", { show: (value) => <Status value={value} tone={toneOfReady(value)} /> });
