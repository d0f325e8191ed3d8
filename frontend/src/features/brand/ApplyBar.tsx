import { Button } from "@mantine/core";
import { useApp } from "../../lib/app";
import { keysOf } from "../../lib/shortcuts";
import { t } from "../../strings/en";
import { BusyButton } from "../../ui/BusyButton";
import { Keys } from "../../ui/Keys";

interface ApplyBarProps {
  changed: number;
  /** A field is wrong, so that nothing is applied. */
  wrong: boolean;
  /** The address for replies is changed too, which is not applied with the rest. */
  replyTo: boolean;
  disabled: boolean;
  busy: boolean;
  onApply: () => void;
  onDiscard: () => void;
}

export function ApplyBar({ changed, wrong, replyTo, disabled, busy, onApply, onDiscard }: ApplyBarProps) {
  const { mac } = useApp();
  return (
    <div className="bar">
      <span className="t3 mid" role="status">
        {wrong ? (
          <span className="fail">{t.brand.notApplied}</span>
        ) : (
          (changed > 0 || !replyTo) && t.brand.changes(changed)
        )}
        {replyTo && ` ${t.brand.replyToUnsaved}`}
      </span>
      <span className="sp" />
      <Button variant="subtle" onClick={onDiscard} disabled={changed === 0 && !replyTo}>
        {t.brand.discard}
      </Button>
      <BusyButton
        variant="filled"
        onClick={onApply}
        disabled={changed === 0 || disabled}
        busy={busy}
        rightSection={<Keys keys={keysOf("Mod+S", mac)} />}
      >
        {t.brand.apply}
      </BusyButton>
    </div>
  );
}
