// Where the focus goes when something in front has closed: what had it before
// may be gone by then, as a menu's item is.
import { useEffect } from "react";

let outside: HTMLElement | null = null; // the newest that had the focus, neither in a dialog nor in a menu

addEventListener("focusin", (e) => {
  if (e.target instanceof HTMLElement && !e.target.closest('[role="dialog"], [role="menu"]')) outside = e.target;
});

/** Brings the focus back once open has ended, unless it has found a place of its own. */
export function useFocusBack(open: boolean) {
  useEffect(() => {
    if (!open) return;
    const before = outside;
    const page = document;
    return () => {
      const bring = () => {
        const here = page.activeElement;
        if (here && here !== page.body) return;
        const to = [before, outside].find((e) => e?.isConnected) ?? page.getElementById("main");
        to?.focus({ preventScroll: true });
      };
      setTimeout(bring, 0);
      setTimeout(bring, 260); // what fades out holds it that long
    };
  }, [open]);
}
