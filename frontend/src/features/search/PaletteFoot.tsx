import { useApp } from "../../lib/app";
import { keysOf } from "../../lib/shortcuts";
import { t } from "../../strings/en";

/** The keys of the palette. */
export function PaletteFoot() {
  const { mac } = useApp();
  return (
    <div className="pf" aria-hidden="true">
      <span>
        <kbd>↑</kbd>
        <kbd>↓</kbd> {t.find.move}
      </span>
      <span>
        <kbd>Enter</kbd> {t.find.open}
      </span>
      <span>
        {keysOf("Mod+Enter", mac).map((k) => (
          <kbd key={k}>{k}</kbd>
        ))}{" "}
        {t.find.copyLink}
      </span>
      <span className="sp" />
      <span>{t.find.offline}</span>
    </div>
  );
}
