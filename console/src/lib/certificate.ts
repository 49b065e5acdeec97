/** What an X.509 certificate (RFC 5280) says of itself: until when, for which names, and who says so. Pure. */
export interface Certificate {
  from: Date;
  until: Date;
  names: string[];
  /** Common names; empty where there is none. */
  subject: string;
  issuer: string;
}

interface Node {
  tag: number;
  body: Uint8Array;
}

/** One element of DER (X.690) and what follows it. Throws RangeError where it is cut off. */
function element(bytes: Uint8Array): { node: Node; rest: Uint8Array } {
  const [tag, first] = [bytes[0], bytes[1]];
  if (tag === undefined || first === undefined) throw new RangeError("cut off");
  const more = first < 0x80 ? 0 : first & 0x7f;
  if (more > 4) throw new RangeError("too long");
  const length = more ? bytes.slice(2, 2 + more).reduce((sum, byte) => sum * 256 + byte, 0) : first;
  const start = 2 + more;
  if (bytes.length < start + length) throw new RangeError("cut off");
  return { node: { tag, body: bytes.subarray(start, start + length) }, rest: bytes.subarray(start + length) };
}

function children(bytes: Uint8Array): Node[] {
  const nodes: Node[] = [];
  for (let rest = bytes; rest.length > 0; ) {
    const found = element(rest);
    nodes.push(found.node);
    rest = found.rest;
  }
  return nodes;
}

const SEQUENCE = 0x30;
const UTC_TIME = 0x17;
const EXTENSIONS = 0xa3;
const VERSION = 0xa0;
const DNS_NAME = 0x82;
const ALTERNATIVE_NAME = "55,1d,11"; // 2.5.29.17

const ascii = (body: Uint8Array) => String.fromCharCode(...body);

/** A year of two digits is of 1950 to 2049 (RFC 5280, 4.1.2.5.1). */
function time({ tag, body }: Node): Date {
  const text = ascii(body);
  const [year, rest] = tag === UTC_TIME ? [Number(text.slice(0, 2)), text.slice(2)] : [Number(text.slice(0, 4)), text.slice(4)];
  const [month, day, hour, minute, second] = [0, 2, 4, 6, 8].map((at) => Number(rest.slice(at, at + 2))) as [number, number, number, number, number];
  return new Date(Date.UTC(tag === UTC_TIME ? year + (year < 50 ? 2000 : 1900) : year, month - 1, day, hour, minute, second));
}

const COMMON_NAME = "55,4,3"; // 2.5.4.3

const hex = (body: Uint8Array) => [...body].map((byte) => byte.toString(16)).join();

/** The last, which is the most specific. */
function commonName(name: Node | undefined): string {
  const attributes = children(name?.body ?? new Uint8Array()).flatMap((set) => children(set.body).map((each) => children(each.body)));
  const found = attributes.filter(([id]) => id && hex(id.body) === COMMON_NAME).at(-1);
  return found?.[1] ? new TextDecoder().decode(found[1].body) : "";
}

const PEM = /-----BEGIN CERTIFICATE-----([\s\S]+?)-----END CERTIFICATE-----/g;

/** Of the first certificate in a PEM text; undefined if there is none that can be read. */
export const readCertificate = (pem: string): Certificate | undefined => readCertificates(pem)[0];

/** Of all certificates in a PEM text that can be read, such as a chain. */
export function readCertificates(pem: string): Certificate[] {
  return [...pem.matchAll(PEM)].flatMap(([, body]) => read(body!) ?? []);
}

function read(base64: string): Certificate | undefined {
  try {
    const der = Uint8Array.from(atob(base64.replace(/\s/g, "")), (letter) => letter.charCodeAt(0));
    const parts = children(children(element(der).node.body)[0]!.body);
    const fields = parts[0]!.tag === VERSION ? parts.slice(1) : parts;
    const validity = fields[3]!; // after serial number, signature and issuer
    if (validity.tag !== SEQUENCE) return undefined;
    const [from, until] = children(validity.body).map(time) as [Date, Date];
    return Number.isNaN(until.getTime()) ? undefined : { from, until, names: names(fields.find((each) => each.tag === EXTENSIONS)), subject: commonName(fields[4]), issuer: commonName(fields[2]) };
  } catch {
    return undefined;
  }
}

function names(extensions: Node | undefined): string[] {
  if (!extensions) return [];
  for (const extension of children(children(extensions.body)[0]!.body)) {
    const parts = children(extension.body);
    if (hex(parts[0]!.body) !== ALTERNATIVE_NAME) continue;
    return children(element(parts.at(-1)!.body).node.body).flatMap((name) => (name.tag === DNS_NAME ? [ascii(name.body)] : []));
  }
  return [];
}

const DAY = 86_400_000;
const SOON = 30;

export type Validity = "valid" | "soon" | "expired" | "early";

/** Whether it holds at `now`, in milliseconds; "soon" is when it should have been renewed. */
export function validityOf({ from, until }: Pick<Certificate, "from" | "until">, now: number): Validity {
  if (now < from.getTime()) return "early";
  if (now >= until.getTime()) return "expired";
  return until.getTime() - now < SOON * DAY ? "soon" : "valid";
}
