// Which of the layers in front of the page is the topmost: Escape closes that one alone.
import { useEffect, useEffectEvent } from "react";

const layers: object[] = [];

// What closes itself with Escape while it has the focus: an open menu, list or popover.
const closesItself = '[data-mantine-stop-propagation="true"], [role="menu"], .mantine-Popover-dropdown';

/** While open, Escape closes this layer, unless another one is in front of it or something in it has used the key. */
export function useLayer(open: boolean, onClose: () => void) {
  const close = useEffectEvent(onClose);
  useEffect(() => {
    if (!open) return;
    const layer = {};
    layers.push(layer);
    let inside = false; // an open menu or list has the focus; it is closed already when the key arrives here
    const before = (e: KeyboardEvent) => {
      inside = e.target instanceof Element && e.target.closest(closesItself) !== null;
    };
    const press = (e: KeyboardEvent) => {
      if (e.key !== "Escape" || e.isComposing || e.defaultPrevented || inside || layers.at(-1) !== layer) return;
      e.preventDefault(); // the layer behind is the topmost from here on
      close();
    };
    addEventListener("keydown", before, { capture: true });
    addEventListener("keydown", press);
    return () => {
      layers.splice(layers.indexOf(layer), 1);
      removeEventListener("keydown", before, { capture: true });
      removeEventListener("keydown", press);
    };
  }, [open]);
}
