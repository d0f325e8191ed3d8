// Accounts of the agency itself: a user's ad accounts and Pages are picked, a
// CRM is signed in to, or takes an address and a key.

import { Menu, Select } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api } from "../../api/client";
import type { Platform, Service } from "../../api/enums";
import type { ConnectionView, OwnAsset } from "../../api/types";
import { queries, useConnections, useRelay } from "../../lib/data";
import { toUiError, type UiError } from "../../lib/errors";
import { kindName, platformName, serviceName, t } from "../../strings/en";
import { entryOf, platforms, serviceOf } from "../../strings/services";
import { Field, Spinner } from "../../ui/basics";
import { Dialog } from "../../ui/Dialog";
import { ErrorLine } from "../../ui/ErrorCard";
import { PlatformTile } from "../../ui/PlatformTile";
import { CheckBox } from "../requests/actions";
import { ConnectDialog } from "./Facebook";

type Doing =
  | { is: "nothing" }
  | { is: "facebook" }
  | { is: "pick"; connection: string }
  | { is: "key"; service: Service }
  | { is: "crm"; platform: Platform };

/** With first it begins at once: an account that is to be connected anew. */
export function ConnectAccount({ first, onDone }: { first?: Platform | undefined; onDone: () => void }) {
  const relay = useRelay();
  const connections = useConnections();
  const [doing, setDoing] = useState<Doing>({ is: "nothing" });
  const close = () => {
    setDoing({ is: "nothing" });
    onDone();
  };
  const users = connections.data?.filter((c) => c.platform === "meta") ?? [];
  const begin = (platform: Platform) => {
    if (platform === "meta")
      setDoing(
        users.length > 0
          ? { is: "pick", connection: (users.find((c) => c.here) ?? users[0])?.id ?? "" }
          : { is: "facebook" },
      );
    else if (entryOf(serviceOf(platform)).key) setDoing({ is: "key", service: serviceOf(platform) });
    else setDoing({ is: "crm", platform });
  };
  const ready = connections.data !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is asked for counts, not what changes meanwhile
  useEffect(() => {
    if (first && ready) begin(first);
  }, [first, ready]);
  const offered = (platform: Platform) => relay.data?.platforms.find((p) => p.platform === platform)?.offered !== false;
  return (
    <>
      <Menu width={280} position="bottom-end" withinPortal>
        <Menu.Target>
          <button type="button" className="btn primary">
            <IconPlus size={16} stroke={1.75} aria-hidden="true" />
            {t.accounts.connect}
          </button>
        </Menu.Target>
        <Menu.Dropdown aria-label={t.accounts.connect}>
          {platforms.map((platform) => (
            <Menu.Item
              key={platform}
              disabled={!offered(platform)}
              leftSection={<PlatformTile of={platform} size={20} />}
              rightSection={offered(platform) ? null : <span className="t3 small">{t.form.notOffered}</span>}
              onClick={() => begin(platform)}
            >
              {platformName[platform]}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <ConnectDialog
        platform="meta"
        open={doing.is === "facebook"}
        onClose={close}
        onDone={(c) => setTimeout(() => setDoing({ is: "pick", connection: c.id }), 0)}
      />
      {doing.is === "crm" && <ConnectDialog platform={doing.platform} account open onClose={close} />}
      {doing.is === "pick" && (
        <PickDialog
          first={doing.connection}
          users={users}
          onClose={close}
          onAnother={() => setDoing({ is: "facebook" })}
        />
      )}
      {doing.is === "key" && <KeyDialog service={doing.service} onClose={close} />}
    </>
  );
}

/** Which ad accounts and Pages of a connected user appear in Accounts. */
export function PickDialog({
  first,
  users,
  onClose,
  onAnother,
}: {
  first: string;
  users: ConnectionView[];
  onClose: () => void;
  onAnother?: () => void;
}) {
  const [connection, setConnection] = useState(first);
  const assets = useQuery({
    queryKey: ["own", connection],
    queryFn: () => api.ownAssets({ id: connection }),
    staleTime: 0,
    gcTime: 0,
  });
  const [changed, setChanged] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [typed, setTyped] = useState("");
  const [told, setTold] = useState<UiError | null>(null);
  const [busy, setBusy] = useState(false);
  const all = assets.data ?? [];
  const picked = (a: OwnAsset) => changed.get(a.account) ?? a.picked;
  const shown = all.filter((a) =>
    `${a.name} ${a.account} ${a.business}`.toLowerCase().includes(typed.trim().toLowerCase()),
  );
  const chosen = all.filter(picked);
  const save = () => {
    if (busy) return;
    setBusy(true);
    api
      .pickAssets({ id: connection, accounts: chosen.map((a) => a.account) })
      .then(
        () => {
          notifications.show({ message: t.own.picked(chosen.length) });
          void queries.invalidateQueries({ queryKey: ["accounts"] });
          onClose();
        },
        (cause: unknown) => setTold(toUiError(cause)),
      )
      .finally(() => setBusy(false));
  };
  const failed = assets.isError ? toUiError(assets.error) : told;
  return (
    <Dialog
      open
      title={t.own.pickTitle}
      closeWord={t.close}
      onClose={onClose}
      width={560}
      actions={
        <>
          {onAnother && (
            <button type="button" className="btn quiet" style={{ marginRight: "auto" }} onClick={onAnother}>
              {t.settings.fbConnect}
            </button>
          )}
          <button type="button" className="btn" onClick={onClose}>
            {t.cancel}
          </button>
          <button type="button" className="btn primary" onClick={save} disabled={!assets.data || busy} aria-busy={busy}>
            {busy && <Spinner />}
            {t.own.pickYes(chosen.length)}
          </button>
        </>
      }
    >
      <p className="t2">{t.own.pickText}</p>
      {users.length > 1 && (
        <Select
          label={t.form.user}
          data={users.map((c) => ({ value: c.id, label: c.user }))}
          value={connection}
          allowDeselect={false}
          onChange={(id) => {
            setConnection(id ?? first);
            setChanged(new Map());
            setTold(null);
          }}
        />
      )}
      {failed && <ErrorLine sentence={failed.sentence} reference={failed.reference} />}
      {assets.isPending && (
        <p className="row gap8 t3" role="status">
          <Spinner />
          {t.loading}
        </p>
      )}
      {assets.data && (
        <div className="listbox">
          <div className="search">
            <IconSearch size={15} stroke={1.75} aria-hidden="true" />
            <input
              aria-label={t.own.search}
              placeholder={t.own.search}
              value={typed}
              onChange={(e) => setTyped(e.currentTarget.value)}
            />
          </div>
          <ul>
            {shown.length === 0 && (
              <li className="t3 mid" style={{ padding: 14 }}>
                {all.length === 0 ? t.own.none : t.campaigns.noMatch}
              </li>
            )}
            {shown.map((a) => (
              <li key={a.kind + a.account}>
                <label className={`option${picked(a) ? " on" : ""}${a.usable || a.picked ? "" : " no"}`}>
                  <input
                    type="checkbox"
                    checked={picked(a)}
                    disabled={!a.usable && !a.picked}
                    onChange={() => setChanged((had) => new Map([...had, [a.account, !picked(a)]]))}
                  />
                  <PlatformTile of="facebook" size={22} />
                  <span className="two" style={{ flex: 1 }}>
                    <b>{a.name}</b>
                    <span className="l2">
                      {a.usable ? [kindName[a.kind], a.detail, a.business].filter(Boolean).join(" · ") : a.message}
                    </span>
                  </span>
                  <CheckBox on={picked(a)} />
                </label>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Dialog>
  );
}

function KeyDialog({ service, onClose }: { service: Service; onClose: () => void }) {
  const typed = entryOf(service).key;
  const [address, setAddress] = useState("");
  const [key, setKey] = useState("");
  const [suggestion, setSuggestion] = useState("");
  const [told, setTold] = useState<UiError | null>(null);
  const [busy, setBusy] = useState(false);
  const wrong = (field: string) => (told?.field === field ? told.sentence : "");
  const connect = () => {
    if (busy) return;
    setBusy(true);
    setTold(null);
    api
      .connectKey({ service, address: address.trim(), key: key.trim() })
      .then(
        (account) => {
          notifications.show({ message: t.toast.connected(account.name) });
          void queries.invalidateQueries({ queryKey: ["accounts"] });
          onClose();
        },
        (cause: unknown) => {
          setTold(toUiError(cause));
          api.suggestAddress({ service, address: address.trim() }).then(setSuggestion, () => setSuggestion(""));
        },
      )
      .finally(() => setBusy(false));
  };
  return (
    <Dialog
      open
      title={`${t.accounts.connect}: ${serviceName[service]}`}
      closeWord={t.close}
      onClose={onClose}
      actions={
        <>
          <button type="button" className="btn" onClick={onClose}>
            {t.cancel}
          </button>
          <button
            type="button"
            className="btn primary"
            onClick={connect}
            aria-busy={busy}
            disabled={address.trim() === "" || key.trim() === ""}
          >
            {busy && <Spinner />}
            {t.own.connect}
          </button>
        </>
      }
    >
      <p className="t2">{t.own.keyText(typed?.where ?? "")}</p>
      {told && told.field !== "address" && told.field !== "key" && (
        <ErrorLine sentence={told.sentence} reference={told.reference} />
      )}
      <Field
        label={t.own.url}
        value={address}
        onChange={(v) => {
          setAddress(v);
          setTold(null);
          setSuggestion("");
        }}
        placeholder={typed?.example ?? ""}
        inputMode="url"
        error={wrong("address")}
        autoFocus
      />
      {suggestion && (
        <button
          type="button"
          className="link mid"
          style={{ justifySelf: "start" }}
          onClick={() => {
            setAddress(suggestion);
            setSuggestion("");
            setTold(null);
          }}
        >
          {t.own.use(suggestion)}
        </button>
      )}
      <Field
        label={t.own.key}
        value={key}
        onChange={(v) => {
          setKey(v);
          setTold(null);
        }}
        error={wrong("key")}
        onEnter={connect}
      />
    </Dialog>
  );
}
