/** What an image says of itself, as settings of a container. Pure. */
import type { Schema } from "@/api/types";

export type ImageConfig = Schema<"ImageConfig">;

export interface ContainerPort {
  name: string;
  containerPort: number;
  protocol?: "UDP" | "SCTP";
}

const KNOWN: Record<number, string> = { 80: "http", 8080: "http", 443: "https", 8443: "https" };

/** "80/tcp", "53/udp", "53": as ports of a container, each with a name of its own. */
export function portsOf({ ports }: Pick<ImageConfig, "ports">): ContainerPort[] {
  const names = new Set<string>();
  return ports.flatMap((text) => {
    const [number, protocol = "tcp"] = text.split("/");
    const containerPort = Number(number);
    if (!Number.isInteger(containerPort) || containerPort < 1 || containerPort > 65535) return [];
    const usual = KNOWN[containerPort] ?? `port-${containerPort}`;
    const name = names.has(usual) ? `${protocol}-${containerPort}` : usual;
    names.add(name);
    const upper = protocol.toUpperCase();
    return [{ name, containerPort, ...(upper === "UDP" || upper === "SCTP" ? { protocol: upper } : {}) }];
  });
}

/** Whom it runs as, if that is root: containers that must not run as root are refused with it. */
export const isRoot = ({ user }: Pick<ImageConfig, "user">): boolean => ["", "0", "root"].includes(user.split(":")[0]!);
