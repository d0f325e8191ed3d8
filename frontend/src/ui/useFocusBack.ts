// Where the focus goes when something in front has closed: what had it before
// may be gone by then, as a menu's item is.
import { useEffect } from "react";

const layerOf = (e: HTMLElement) => e.closest('[role="dialog"]');

// What had the focus, neither in a menu nor twice of one dialog or of the page; the newest first.
let trail: HTMLElement[] = [];

addEventListener("focusin", (e) => {
  const to = e.target;
  if (!(to instanceof HTMLElement) || to.closest('[role="menu"]')) return;
  trail = [to, ...trail.filter((before) => before.isConnected && layerOf(before) !== layerOf(to))];
});

/** Brings the focus back once open has ended, unless it has found a place of its own. */
export function useFocusBack(open: boolean) {
  useEffect(() => {
    if (!open) return;
    const before = trail;
    const page = document;
    return () => {
      const bring = () => {
        const here = page.activeElement;
        if (here && here !== page.body) return;
        const to = [...before, ...trail].find((e) => e.isConnected) ?? page.getElementById("main");
        to?.focus({ preventScroll: true });
      };
      setTimeout(bring, 0);
      setTimeout(bring, 260); // what fades out holds it that long
    };
  }, [open]);
}
