import { Button, Loader, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import type { ConnectionView, OwnAsset } from "../../api/types";
import { queries } from "../../lib/data";
import { toUiError } from "../../lib/errors";
import { useSubmit } from "../../lib/useSubmit";
import { t } from "../../strings/en";
import { formWords } from "../../strings/forms";
import { FormDialog } from "../../ui/FormDialog";
import { AssetList } from "./AssetList";
import css from "./ConnectDialog.module.css";

interface PickDialogProps {
  /** The connected user whose assets are shown first. */
  first: string;
  users: ConnectionView[];
  onClose: () => void;
  onAnother?: () => void;
}

/** Which ad accounts and Pages of a connected user appear in Accounts. */
export function PickDialog({ first, users, onClose, onAnother }: PickDialogProps) {
  const [connection, setConnection] = useState(first);
  const [changed, setChanged] = useState<ReadonlyMap<string, boolean>>(new Map());
  const assets = useQuery({
    queryKey: ["own", connection],
    queryFn: () => api.ownAssets({ id: connection }),
    staleTime: 0,
    gcTime: 0,
  });
  const isPicked = (a: OwnAsset) => changed.get(a.account) ?? a.picked;
  const accounts = (assets.data?.assets ?? []).filter(isPicked).map((a) => a.account);
  const { submit, busy, error, reset } = useSubmit({
    call: () => api.pickAssets({ id: connection, accounts }),
    success: t.own.picked(accounts.length),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["accounts"] });
      onClose();
    },
  });
  const choose = (id: string | null) => {
    setConnection(id ?? first);
    setChanged(new Map());
    reset();
  };
  return (
    <FormDialog
      title={t.own.pickTitle}
      words={formWords}
      submit={t.own.pickYes(accounts.length)}
      busy={busy}
      error={assets.isError ? toUiError(assets.error) : error}
      disabled={!assets.data}
      width={560}
      onSubmit={(e) => {
        e.preventDefault();
        submit();
      }}
      onClose={onClose}
      aside={
        onAnother && (
          <Button variant="subtle" onClick={onAnother}>
            {t.settings.fbConnect}
          </Button>
        )
      }
    >
      <p className="t2">{t.own.pickText}</p>
      {users.length > 1 && (
        <Select
          label={t.form.user}
          data={users.map((c) => ({ value: c.id, label: c.user }))}
          value={connection}
          onChange={choose}
        />
      )}
      {assets.isPending && (
        <p className={css.waiting} role="status">
          <Loader />
          {t.loading}
        </p>
      )}
      {assets.data?.unread && <p role="status">{t.own.unread(assets.data.unread)}</p>}
      {assets.data && (
        <AssetList
          assets={assets.data.assets}
          isPicked={isPicked}
          onPick={(a) => setChanged((had) => new Map([...had, [a.account, !isPicked(a)]]))}
        />
      )}
    </FormDialog>
  );
}
