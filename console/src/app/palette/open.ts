/** Opening the palette does not load it. */
const opened = new EventTarget();

export const openPalette = () => void opened.dispatchEvent(new Event("open"));

export function onOpenPalette(run: () => void): () => void {
  opened.addEventListener("open", run);
  return () => opened.removeEventListener("open", run);
}
