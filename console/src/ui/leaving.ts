/** While something runs in this page that ends with it, the browser asks before the page is left. */
import { useEffect } from "react";

export function useAskBeforeLeaving(runs: boolean): void {
  useEffect(() => {
    if (!runs) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [runs]);
}
