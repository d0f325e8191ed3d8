import { notifications } from "@mantine/notifications";
import { IconCopy } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "../../api/client";
import { toUiError } from "../../lib/errors";
import { t } from "../../strings/en";
import { BusyButton } from "../../ui/BusyButton";

/** Copies what helps whoever looks after this computer. It takes seconds where the relay does not answer. */
export function CopyDiagnosis() {
  const [busy, setBusy] = useState(false);
  const copy = async () => {
    if (busy) return;
    setBusy(true);
    try {
      await api.copyDiagnosis();
      notifications.show({ message: t.copied });
    } catch (cause) {
      notifications.show({ message: toUiError(cause).message });
    } finally {
      setBusy(false);
    }
  };
  return (
    <BusyButton busy={busy} variant="default" leftSection={<IconCopy size={16} stroke={1.75} />} onClick={copy}>
      {busy ? t.help.diagnosing : t.help.diagnosis}
    </BusyButton>
  );
}
