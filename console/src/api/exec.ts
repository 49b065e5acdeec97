/** A terminal in a container: Kubernetes' exec over a WebSocket, one byte of channel before each frame. */
import { search } from "./client";
import { pathOf } from "./kube";

const PROTOCOL = "v4.channel.k8s.io";
const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
const RESIZE = 4;
const PODS = { group: "", version: "v1", plural: "pods", namespaced: true };
/** The best shell there is. */
export const SHELL = ["sh", "-c", "TERM=xterm-256color; export TERM; command -v bash >/dev/null && exec bash; exec sh"];
/** A stream more than v4 has: the end of one can be told (KEP-4006). */
const ENDING = "v5.channel.k8s.io";
const CLOSE = 255;

export interface ExecAsk {
  /** Without a terminal; errors are then told apart from output. */
  plain?: boolean;
  cluster: string;
  namespace: string;
  pod: string;
  container?: string;
  command: string[];
}

export interface Shell {
  write: (text: string) => void;
  resize: (columns: number, rows: number) => void;
  end: () => void;
}

export interface Heard {
  opened: () => void;
  output: (bytes: Uint8Array) => void;
  /** Why it ended; empty for a shell that was left. */
  ended: (why: string) => void;
}

export function addressOfExec(ask: ExecAsk): string {
  const { cluster, namespace, pod, container, command, plain } = ask;
  const path = `/clusters/${encodeURIComponent(cluster)}${pathOf(PODS, namespace, pod, "exec")}`;
  const query = search({ container, stdin: true, stdout: true, ...(plain ? { stderr: true } : { tty: true }) });
  return `${path}${query}&${command.map((word) => `command=${encodeURIComponent(word)}`).join("&")}`;
}

/** What the last frame says: empty for success. */
export function endOf(text: string): string {
  try {
    const { status, message } = JSON.parse(text) as { status?: string; message?: string };
    return status === "Success" ? "" : (message ?? text);
  } catch {
    return text;
  }
}

export function openShell(ask: ExecAsk, heard: Heard): Shell {
  const socket = new WebSocket(`wss://${location.host}${addressOfExec(ask)}`, PROTOCOL);
  socket.binaryType = "arraybuffer";
  const encoder = new TextEncoder();
  let why = "";
  /** What is typed before the shell is there is for the shell. */
  const early: Uint8Array<ArrayBuffer>[] = [];
  const send = (channel: number, text: string) => {
    const content = encoder.encode(text);
    const frame = new Uint8Array(content.length + 1);
    frame[0] = channel;
    frame.set(content, 1);
    if (socket.readyState === WebSocket.OPEN) socket.send(frame);
    else if (socket.readyState === WebSocket.CONNECTING) early.push(frame);
  };
  socket.onopen = () => {
    heard.opened();
    for (const frame of early.splice(0)) socket.send(frame);
  };
  socket.onmessage = (event: MessageEvent<ArrayBuffer>) => {
    const frame = new Uint8Array(event.data);
    const content = frame.subarray(1);
    if (frame[0] === STDOUT || frame[0] === STDERR) heard.output(content);
    if (frame[0] === ERROR) why = endOf(new TextDecoder().decode(content));
  };
  socket.onclose = (event) => heard.ended(why || (event.code === 1000 || event.wasClean ? "" : event.reason || "the connection broke"));
  return {
    write: (text) => send(STDIN, text),
    resize: (columns, rows) => send(RESIZE, JSON.stringify({ Width: columns, Height: rows })),
    end: () => socket.close(),
  };
}

export interface Streams {
  /** Waits while the network is slower than who writes. Throws what the command said if it has ended. */
  write: (bytes: Uint8Array) => Promise<void>;
  closeInput: () => void;
  /** Settles when the command has ended; rejects with what it said if it failed. */
  done: Promise<void>;
}

const MOST_WAITING = 1 << 20;
const LOOK_AGAIN = 20;
const MOST_SAID = 2000;

/** Run a command with its streams, without a terminal. */
export function runCommand(ask: ExecAsk, output: (bytes: Uint8Array) => void, signal: AbortSignal): Promise<Streams> {
  const socket = new WebSocket(`wss://${location.host}${addressOfExec({ ...ask, plain: true })}`, ENDING);
  socket.binaryType = "arraybuffer";
  let said = "";
  let status: string | undefined;
  socket.onmessage = (event: MessageEvent<ArrayBuffer>) => {
    const frame = new Uint8Array(event.data);
    const content = frame.subarray(1);
    if (frame[0] === STDOUT) output(content);
    if (frame[0] === STDERR) said = (said + new TextDecoder().decode(content)).slice(-MOST_SAID);
    if (frame[0] === ERROR) status = endOf(new TextDecoder().decode(content));
  };
  signal.addEventListener("abort", () => socket.close());
  const done = new Promise<void>((fine, fault) => {
    socket.onclose = (event) => {
      if (signal.aborted) fault(new DOMException("cancelled", "AbortError"));
      else if (status === "") fine();
      else fault(new Error([said.trim(), status ?? (event.reason || "the connection broke")].filter(Boolean).join("; ")));
    };
  });
  done.catch(() => undefined);
  const write = async (bytes: Uint8Array) => {
    while (socket.bufferedAmount > MOST_WAITING && socket.readyState === WebSocket.OPEN) await new Promise((next) => setTimeout(next, LOOK_AGAIN));
    if (socket.readyState !== WebSocket.OPEN) return done;
    const frame = new Uint8Array(bytes.length + 1);
    frame[0] = STDIN;
    frame.set(bytes, 1);
    socket.send(frame);
  };
  const closeInput = () => socket.readyState === WebSocket.OPEN && socket.send(Uint8Array.of(CLOSE, STDIN));
  return new Promise((opened, fault) => {
    socket.onopen = () => opened({ write, closeInput, done });
    done.catch(fault);
  });
}
