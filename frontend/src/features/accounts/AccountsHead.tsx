import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconDownload, IconRefresh } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "../../api/client";
import type { AccountsParams, Platform } from "../../api/types";
import { useApp } from "../../lib/app";
import { t } from "../../strings/en";
import { BusyButton } from "../../ui/BusyButton";
import { ConnectAccount } from "../connections/ConnectAccount";
import { useRequestActions } from "../requests/actions";

interface AccountsHeadProps {
  params: AccountsParams;
  /** There is no account to check or to save. */
  nothing: boolean;
  /** The platform whose dialog is open from the start. */
  connect: Platform | undefined;
  onConnected: () => void;
}

export function AccountsHead({ params, nothing, connect, onConnected }: AccountsHeadProps) {
  const act = useRequestActions();
  const allowed = useApp().session.policy.allow_csv_export;
  const [checking, setChecking] = useState(false);
  const check = () => {
    if (checking) return;
    setChecking(true);
    act.run(t.accounts.checkAll, () => api.checkNow({ items: [] }).finally(() => setChecking(false)), t.toast.checked);
  };
  const save = () =>
    act.run(t.accounts.export, async () => {
      const path = await api.exportAccounts(params);
      if (path) notifications.show({ message: t.toast.exported(path) });
    });
  return (
    <div className="head">
      <h1>{t.accounts.title}</h1>
      <span className="sp" />
      <BusyButton
        onClick={check}
        busy={checking}
        disabled={nothing}
        leftSection={<IconRefresh size={16} stroke={1.75} aria-hidden="true" />}
      >
        {t.accounts.checkAll}
      </BusyButton>
      <Button
        onClick={save}
        disabled={nothing || !allowed}
        {...(allowed ? {} : { title: t.managed })}
        leftSection={<IconDownload size={16} stroke={1.75} aria-hidden="true" />}
      >
        {t.accounts.export}
      </Button>
      <ConnectAccount first={connect} onDone={() => connect && onConnected()} />
    </div>
  );
}
