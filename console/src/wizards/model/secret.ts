/** Secrets of the known types, and their values in base64. Pure. */
import type { KubeObject } from "@/api/kube";
import { decode, encode } from "@/lib/base64";
import { set } from "./path";

export const TYPES = ["Opaque", "kubernetes.io/tls", "kubernetes.io/dockerconfigjson", "kubernetes.io/basic-auth", "kubernetes.io/ssh-auth"] as const;
export type SecretType = (typeof TYPES)[number];

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

/** All registries that are named. */
export function registriesOf(value: string): Registry[] {
  return Object.entries(configOf(value).auths ?? {}).map(([server, entry]) => {
    const [name, ...rest] = (entry.auth && decode(entry.auth))?.split(":") ?? [];
    return { server, username: entry.username ?? name ?? "", password: entry.password ?? rest.join(":") };
  });
}

export const registryOf = (value: string): Registry => registriesOf(value)[0] ?? { server: "", username: "", password: "" };

/** The first registry changed; others, and what else the entry has, stay. */
export function withRegistry(value: string, { server, username, password }: Registry): string {
  const config = configOf(value);
  const [first, ...others] = Object.entries(config.auths ?? {});
  const entry = { ...first?.[1], username, password, auth: encode(`${username}:${password}`) };
  return encode(JSON.stringify({ ...config, auths: Object.fromEntries([[server, entry], ...others]) }));
}
