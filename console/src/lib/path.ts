/** Paths in a container. Pure. */
/** The directory that something is in, and its name there. */
export function split(path: string): { directory: string; name: string } {
  const plain = path.replace(/\/+$/, "");
  const at = plain.lastIndexOf("/");
  return { directory: at < 0 ? "." : plain.slice(0, at) || "/", name: plain.slice(at + 1) };
}
