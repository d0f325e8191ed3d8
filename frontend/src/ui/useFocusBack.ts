// Where the focus goes when something in front has closed, or when what had it is gone: a menu's item is gone once it
// was chosen, and a button once it has done what it was for.
import { useEffect } from "react";

interface Place {
  at: HTMLElement;
  /** The dialog or drawer that it is in. Null: the page. */
  layer: HTMLElement | null;
}

// What had the focus, neither in a menu nor twice of one dialog or of the page; the newest first.
let trail: Place[] = [];

addEventListener("focusin", (e) => {
  const to = e.target;
  if (!(to instanceof HTMLElement) || to.closest('[role="menu"]')) return;
  const layer = to.closest<HTMLElement>('[role="dialog"]');
  const isThere = (before: Place) => before.at.isConnected || before.layer?.isConnected;
  trail = [{ at: to, layer }, ...trail.filter((before) => isThere(before) && before.layer !== layer)];
});

const isNowhere = (page: Document) => !page.activeElement || page.activeElement === page.body;

/** What of a place is still there: itself, or the layer around it, which is in front of the rest. */
const leftOf = ({ at, layer }: Place) => [at, layer].find((e) => e?.isConnected);

/** Brings the focus back once open has ended, unless it has found a place of its own. */
export function useFocusBack(open: boolean) {
  useEffect(() => {
    if (!open) return;
    const before = trail;
    const page = document;
    return () => {
      const bring = () => {
        if (!isNowhere(page)) return;
        const to = [...before, ...trail].map(leftOf).find((e) => e) ?? page.getElementById("main");
        to?.focus({ preventScroll: true });
      };
      setTimeout(bring, 0);
      setTimeout(bring, 320); // what fades out holds it that long
    };
  }, [open]);
}

/**
 * Keeps the focus in a layer whose button has gone with what it was for.
 * It looks after each change of what is shown.
 */
export function useFocusKept(shown: unknown) {
  useEffect(() => {
    const last = trail[0];
    if (shown === undefined || !isNowhere(document) || !last?.layer || last.at.isConnected) return;
    leftOf(last)?.focus({ preventScroll: true });
  }, [shown]);
}
