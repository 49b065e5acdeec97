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

export interface ExecAsk {
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
  const { cluster, namespace, pod, container, command } = ask;
  const path = `/clusters/${encodeURIComponent(cluster)}${pathOf(PODS, namespace, pod, "exec")}`;
  const query = search({ container, stdin: true, stdout: true, tty: true });
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
  const send = (channel: number, text: string) => {
    if (socket.readyState !== WebSocket.OPEN) return;
    const content = encoder.encode(text);
    const frame = new Uint8Array(content.length + 1);
    frame[0] = channel;
    frame.set(content, 1);
    socket.send(frame);
  };
  socket.onopen = heard.opened;
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
