/** Secrets of the known types, and their values in base64. Pure. */
import type { KubeObject } from "@/api/kube";
import { set } from "./path";

export const TYPES = ["Opaque", "kubernetes.io/tls", "kubernetes.io/dockerconfigjson", "kubernetes.io/basic-auth", "kubernetes.io/ssh-auth"] as const;
export type SecretType = (typeof TYPES)[number];

export const encodeBytes = (bytes: Uint8Array) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
export const encode = (text: string) => encodeBytes(new TextEncoder().encode(text));

/** Undefined if it is not text: then nothing but the value itself can be shown. */
export function decode(value: string): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(atob(value), (letter) => letter.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

const KEYS: Record<SecretType, string[]> = {
  Opaque: [],
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  "kubernetes.io/basic-auth": ["username", "password"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
};

/** Of another type: with the keys that it has to have. */
export function typed(secret: KubeObject, type: SecretType): KubeObject {
  const keys = KEYS[type];
  return set(set(secret, ["type"], type), ["data"], keys.length ? Object.fromEntries(keys.map((key) => [key, key === ".dockerconfigjson" ? encode('{"auths":{}}') : ""])) : undefined);
}

export interface Registry {
  server: string;
  username: string;
  password: string;
}

interface DockerConfig {
  auths?: Record<string, { username?: string; password?: string; auth?: string }>;
}

function configOf(value: string): DockerConfig {
  try {
    const found: unknown = JSON.parse(decode(value) ?? "{}");
    return typeof found === "object" && found !== null ? found : {};
  } catch {
    return {};
  }
}

export function registryOf(value: string): Registry {
  const [server = "", entry = {}] = Object.entries(configOf(value).auths ?? {})[0] ?? [];
  const [name, ...rest] = (entry.auth && decode(entry.auth))?.split(":") ?? [];
  return { server, username: entry.username ?? name ?? "", password: entry.password ?? rest.join(":") };
}

/** The first registry changed; others, and what else the entry has, stay. */
export function withRegistry(value: string, { server, username, password }: Registry): string {
  const config = configOf(value);
  const [first, ...others] = Object.entries(config.auths ?? {});
  const entry = { ...first?.[1], username, password, auth: encode(`${username}:${password}`) };
  return encode(JSON.stringify({ ...config, auths: Object.fromEntries([[server, entry], ...others]) }));
}
