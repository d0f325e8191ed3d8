import { IconCopy } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "../../api/client";
import type { DeviceCredentialRow } from "../../api/types";
import { toUiError, type UiError } from "../../lib/errors";
import { outcomeSentence } from "../../lib/repair";
import { t } from "../../strings/en";
import { BusyButton } from "../../ui/BusyButton";
import { ErrorLine } from "../../ui/ErrorCard";
import css from "./HeldCredentials.module.css";

/** What is on no computer any more: one click prepares the links by which the clients connect it again. */
export function LostCredentials({ rows }: { rows: DeviceCredentialRow[] }) {
  const lost = rows.filter((r) => r.lost);
  const [busy, setBusy] = useState<"" | "send" | "copy">("");
  const [error, setError] = useState<UiError | null>(null);
  const [said, setSaid] = useState("");
  if (lost.length === 0) return null;
  const prepare = async (doing: "send" | "copy") => {
    if (busy) return;
    setBusy(doing);
    setError(null);
    try {
      const repairs = lost.map((r) => ({ id: r.id, address: doing === "send" ? r.address : "" }));
      const outcome = await api.prepareRepairs({ repairs, lost: true });
      if (doing === "copy") await api.copyRepairs({ items: lost.map((r) => r.id) });
      const unknown = doing === "send" ? lost.filter((r) => !r.address).length : 0;
      setSaid(
        [outcomeSentence(outcome, doing === "copy"), unknown && t.repair.noAddress(unknown)].filter(Boolean).join(" "),
      );
    } catch (cause) {
      setError(toUiError(cause));
    }
    setBusy("");
  };
  return (
    <div className={css.lost}>
      <p>{t.repair.lost(lost.length)}</p>
      {error && <ErrorLine message={error.message} reference={error.reference} />}
      <div className="row gap8">
        <BusyButton variant="filled" busy={busy === "send"} onClick={() => void prepare("send")}>
          {t.repair.sendAll(lost.length)}
        </BusyButton>
        <BusyButton
          busy={busy === "copy"}
          leftSection={<IconCopy size={16} stroke={1.75} aria-hidden="true" />}
          onClick={() => void prepare("copy")}
        >
          {t.repair.copyAll(lost.length)}
        </BusyButton>
      </div>
      <p className="t2 mid" role="status">
        {said}
      </p>
    </div>
  );
}
