import { Button } from "@mantine/core";
import { useApp } from "../../lib/app";
import { keysOf } from "../../lib/shortcuts";
import { t } from "../../strings/en";
import { BusyButton } from "../../ui/BusyButton";
import { Keys } from "../../ui/Keys";

interface ApplyBarProps {
  changed: number;
  disabled: boolean;
  busy: boolean;
  onApply: () => void;
  onDiscard: () => void;
}

export function ApplyBar({ changed, disabled, busy, onApply, onDiscard }: ApplyBarProps) {
  const { mac } = useApp();
  return (
    <div className="bar">
      <span className="t3 mid" role="status">
        {t.brand.changes(changed)}
      </span>
      <span className="sp" />
      <Button variant="subtle" onClick={onDiscard} disabled={changed === 0}>
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
