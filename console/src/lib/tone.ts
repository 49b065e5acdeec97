/** Which states are good, under way or bad. Pure. */
export type Tone = "ok" | "busy" | "warn" | "bad" | "idle";

const OK = new Set(["Running", "Ready", "Active", "Bound", "Available", "Complete", "Succeeded", "True", "Normal", "Healthy", "healthy", "Established"]);
const BUSY = new Set(["Pending", "ContainerCreating", "PodInitializing", "Terminating", "Updating", "Creating", "Progressing", "progressing"]);
const IDLE = new Set(["Completed", "Suspended", "Stopped", "Released", "", "SchedulingGated"]);
const WARN = new Set(["Unknown", "NotReady", "Warning", "SchedulingDisabled"]);

export function toneOf(state: string): Tone {
  if (OK.has(state)) return "ok";
  if (BUSY.has(state) || /^Init:\d/.test(state)) return "busy";
  if (IDLE.has(state)) return "idle";
  if (WARN.has(state) || state.startsWith("Ready,")) return "warn";
  return /^failing$|Error|BackOff|Failed|Err|OOM|Evicted|Lost|Invalid|Unavailable|Deadline|Shutdown|CannotRun|NotReady|False/.test(state) ? "bad" : "idle";
}

/** Of `2/3`: as a workload's replicas are counted. */
export function toneOfReady(text: string): Tone {
  const [ready, wanted] = text.split("/").map(Number);
  if (!wanted) return "idle";
  return ready === wanted ? "ok" : ready ? "warn" : "bad";
}
