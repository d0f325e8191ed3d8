import { ActionIcon } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { t } from "../strings/en";

/** Closes a drawer, which gives it the focus first. */
export function CloseButton({ onClose }: { onClose: () => void }) {
  return (
    <ActionIcon size={30} variant="subtle" aria-label={t.close} onClick={onClose} data-autofocus>
      <IconX size={18} stroke={1.75} aria-hidden="true" />
    </ActionIcon>
  );
}
