/** The one WebSocket on which the server tells what changed. */
import { signIn } from "./client";
import { ApiError, type Status } from "./errors";
import type { KubeObject } from "./kube";

export interface Row {
  name: string;
  namespace?: string;
  uid: string;
  created?: string;
  labels?: Record<string, string>;
  cells: unknown[];
}

export interface ServerColumn {
  name: string;
  title: string;
  type: string;
}

export interface Snapshot {
  type: "snapshot";
  columns: ServerColumn[];
  items: Row[];
  offset: number;
  total: number;
  counts: Record<string, number>;
}

export interface Delta {
  type: "delta";
  order?: string[];
  set?: Row[];
  total: number;
  counts: Record<string, number>;
}

export type Told =
  | Snapshot
  | Delta
  | { type: "object"; object: KubeObject | null }
  | { type: "events"; items: KubeObject[] }
  | { type: "error"; status: Status };

export type Ask = { op: "list" | "object" | "events" } & Record<string, unknown>;
export type Connection = "connecting" | "open" | "broken";

interface Subscription {
  ask: Ask;
  told: (message: Told) => void;
}

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;

/** Subscriptions survive the connection: when it breaks, it is made again and everything is asked again. */
export class Live {
  private socket: WebSocket | null = null;
  private next = 1;
  private wait = FIRST_WAIT;
  private readonly subscriptions = new Map<number, Subscription>();
  private readonly watchers = new Set<() => void>();
  state: Connection = "connecting";

  constructor(private readonly open: () => WebSocket = openSocket) {}

  subscribe(ask: Ask, told: (message: Told) => void): { ask: (ask: Ask) => void; end: () => void } {
    const id = this.next++;
    this.subscriptions.set(id, { ask, told });
    this.connect();
    this.send(id, ask);
    return {
      ask: (again) => {
        this.subscriptions.set(id, { ask: again, told });
        this.send(id, again);
      },
      end: () => {
        this.subscriptions.delete(id);
        if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ id, op: "close" }));
      },
    };
  }

  /** For useSyncExternalStore. */
  watch = (changed: () => void) => {
    this.watchers.add(changed);
    return () => void this.watchers.delete(changed);
  };

  private send(id: number, ask: Ask) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ id, ...ask }));
  }

  private connect() {
    if (this.socket) return;
    const socket = this.open();
    this.socket = socket;
    socket.onopen = () => {
      this.wait = FIRST_WAIT;
      this.turn("open");
      for (const [id, { ask }] of this.subscriptions) this.send(id, ask);
    };
    socket.onmessage = (event: MessageEvent<string>) => {
      const message = JSON.parse(event.data) as Told & { id: number };
      this.subscriptions.get(message.id)?.told(message);
    };
    socket.onclose = () => this.again();
  }

  private again() {
    this.socket = null;
    this.turn("broken");
    if (!this.subscriptions.size) return;
    setTimeout(() => this.connect(), this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
    // A socket does not tell why it was refused; a session that ended is found out by asking.
    void fetch("/platform/v1/me").then((response) => response.status === 401 && signIn(), () => undefined);
  }

  private turn(state: Connection) {
    this.state = state;
    for (const changed of this.watchers) changed();
  }
}

function openSocket(): WebSocket {
  return new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/platform/v1/live`);
}

export const live = new Live();

/** Rows of a window after a delta: those that stay keep their identity, so that only what changed is drawn anew. */
export function applyDelta(rows: Row[], delta: Delta): Row[] {
  const known = new Map(rows.map((row) => [row.uid, row]));
  for (const row of delta.set ?? []) known.set(row.uid, row);
  const order = delta.order ?? rows.map((row) => row.uid);
  return order.flatMap((uid) => known.get(uid) ?? []);
}

export const errorOf = (told: { status: Status }) => new ApiError(told.status, told.status.code ?? 500);
