// Connecting an account of the agency itself: which platform, then the way that
// platform knows. It appears in Accounts with Managed: Yes.
import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import { app, type ConnectionView, type Platform } from "../bridge";
import { Dialog } from "../parts/Dialog";
import { Field, Spinner } from "../parts/basics";
import { ErrorLine } from "../parts/ErrorCard";
import { PlatformTile } from "../parts/PlatformTile";
import { useSay } from "../parts/toasts";
import { tell, type Told } from "../state/errors";
import { kindName, platformName, w } from "../words/words";
import { queries, useConnections, useRelay } from "./data";
import { ConnectDialog } from "./Facebook";

type Step = { is: "platform" } | { is: "sign_in"; platform: Platform } | { is: "key" } | { is: "user" } | { is: "assets"; user: ConnectionView };

/** Where ActiveCampaign knows no sign-in for apps, an address and a key are typed. */
const byKey = "activecampaign" satisfies Platform;

export function ConnectAccount({ open, onClose }: { open: boolean; onClose: () => void }) {
  return open ? <Connecting onClose={onClose} /> : null;
}

function Connecting({ onClose }: { onClose: () => void }) {
  const [step, setStep] = useState<Step>({ is: "platform" });
  const goesOn = useRef(false);
  const connections = useConnections();
  const users = connections.data?.filter((c) => c.platform === "meta" && c.here) ?? [];
  const choose = (platform: Platform) => {
    if (platform === byKey) setStep({ is: "key" });
    else if (platform === "meta" && users.length > 0) setStep({ is: "user" });
    else setStep({ is: "sign_in", platform });
  };
  switch (step.is) {
    case "platform":
      return <ChoosePlatform onChoose={choose} onClose={onClose} />;
    case "user":
      return <ChooseUser users={users} onChoose={(user) => setStep({ is: "assets", user })} onNew={() => setStep({ is: "sign_in", platform: "meta" })} onClose={onClose} />;
    case "sign_in":
      return (
        <ConnectDialog
          platform={step.platform}
          open
          onClose={() => { if (!goesOn.current) onClose(); }}
          onDone={(user) => {
            void queries.invalidateQueries({ queryKey: ["accounts"] });
            if (step.platform !== "meta") return;
            goesOn.current = true; // the sign-in closes itself: what was signed in is chosen from next
            setStep({ is: "assets", user });
          }}
        />
      );
    case "key":
      return <KeyDialog onClose={onClose} />;
    case "assets":
      return <PickDialog user={step.user} onClose={onClose} />;
  }
}

function ChoosePlatform({ onChoose, onClose }: { onChoose: (platform: Platform) => void; onClose: () => void }) {
  const relay = useRelay();
  const platforms = relay.data?.platforms ?? [];
  return (
    <Dialog open title={w.accounts.connect} closeWord={w.close} onClose={onClose} actions={<button type="button" className="btn" onClick={onClose}>{w.cancel}</button>}>
      <p className="t2">{w.own.lead}</p>
      <ul className="listbox" style={{ padding: 4 }}>
        {platforms.map((p) => (
          <li key={p.platform}>
            <button type="button" className="btn quiet" style={{ width: "100%", height: "auto", minHeight: 44, justifyContent: "flex-start", gap: 12, background: p.offered ? undefined : "none", borderColor: "transparent" }} disabled={!p.offered} onClick={() => onChoose(p.platform)}>
              <PlatformTile of={p.platform} size={24} />
              <span className="two" style={{ textAlign: "left" }}>
                <b>{platformName[p.platform]}</b>
                {!p.offered && <span className="l2" style={{ whiteSpace: "normal", fontWeight: 400 }}>{p.why}</span>}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

interface ChooseUserProps { users: ConnectionView[]; onChoose: (user: ConnectionView) => void; onNew: () => void; onClose: () => void }

function ChooseUser({ users, onChoose, onNew, onClose }: ChooseUserProps) {
  return (
    <Dialog
      open
      title={w.own.whose}
      closeWord={w.close}
      onClose={onClose}
      actions={
        <>
          <button type="button" className="btn" onClick={onClose}>{w.cancel}</button>
          <button type="button" className="btn" onClick={onNew}>{w.settings.fbConnect}</button>
        </>
      }
    >
      <ul className="listbox" style={{ padding: 4 }}>
        {users.map((u) => (
          <li key={u.id}>
            <button type="button" className="btn quiet" style={{ width: "100%", justifyContent: "flex-start" }} onClick={() => onChoose(u)}>{u.user}</button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

type Trying = { is: "typing" } | { is: "trying" } | { is: "refused"; told: Told };

function KeyDialog({ onClose }: { onClose: () => void }) {
  const say = useSay();
  const [address, setAddress] = useState("");
  const [key, setKey] = useState("");
  const [state, setState] = useState<Trying>({ is: "typing" });
  const told = state.is === "refused" ? state.told : null;
  const ready = address.trim() !== "" && key.trim() !== "" && state.is !== "trying";
  const connect = () => {
    if (!ready) return;
    setState({ is: "trying" });
    app.connectKey(byKey, address, key).then(
      (account) => {
        void queries.invalidateQueries({ queryKey: ["accounts"] });
        say(w.toast.connected(account.name));
        onClose();
      },
      (cause: unknown) => setState({ is: "refused", told: tell(cause) }),
    );
  };
  return (
    <Dialog
      open
      title={`${w.accounts.connect}: ${platformName[byKey]}`}
      closeWord={w.close}
      onClose={onClose}
      actions={
        <>
          <button type="button" className="btn" onClick={onClose}>{w.cancel}</button>
          <button type="button" className="btn primary" onClick={connect} disabled={!ready} aria-busy={state.is === "trying"}>
            {state.is === "trying" && <Spinner />}
            {w.own.connect}
          </button>
        </>
      }
    >
      <p className="t2">{w.own.keyLead}</p>
      <Field label={w.own.address} value={address} onChange={setAddress} placeholder="https://yourname.api-us1.com" inputMode="url" autoFocus error={told?.field === "address" ? told.sentence : ""} />
      <Field label={w.own.key} value={key} onChange={setKey} onEnter={connect} error={told?.field === "key" ? told.sentence : ""} />
      {told && told.field !== "address" && told.field !== "key" && <ErrorLine sentence={told.sentence} reference={told.reference} />}
    </Dialog>
  );
}

/** Which of a Facebook user's ad accounts and Pages are in Accounts. */
export function PickDialog({ user, onClose }: { user: ConnectionView; onClose: () => void }) {
  const say = useSay();
  const assets = useQuery({ queryKey: ["own", user.id], queryFn: () => app.ownAssets(user.id), gcTime: 0 });
  const [changed, setChanged] = useState<Record<string, boolean>>({});
  const [typed, setTyped] = useState("");
  const [state, setState] = useState<Trying>({ is: "typing" });
  const word = typed.trim().toLowerCase();
  const all = useMemo(() => assets.data ?? [], [assets.data]);
  const fit = all.filter((a) => `${a.name} ${a.account} ${a.business}`.toLowerCase().includes(word));
  const chosen = all.filter((a) => changed[a.account] ?? a.picked);
  const save = () => {
    setState({ is: "trying" });
    app.pickAssets(user.id, chosen.map((a) => a.account)).then(
      () => {
        void queries.invalidateQueries({ queryKey: ["accounts"] });
        say(w.own.saved);
        onClose();
      },
      (cause: unknown) => setState({ is: "refused", told: tell(cause) }),
    );
  };
  const failed = assets.isError ? tell(assets.error) : state.is === "refused" ? state.told : null;
  return (
    <Dialog
      open
      width={560}
      title={w.own.pick(user.user)}
      closeWord={w.close}
      onClose={onClose}
      actions={
        <>
          <button type="button" className="btn" onClick={onClose}>{w.cancel}</button>
          <button type="button" className="btn primary" onClick={save} disabled={!assets.data || state.is === "trying"} aria-busy={state.is === "trying"}>
            {state.is === "trying" && <Spinner />}
            {w.own.save}
          </button>
        </>
      }
    >
      <p className="t2">{w.own.pickText}</p>
      {failed && <ErrorLine sentence={failed.sentence} reference={failed.reference} />}
      {assets.isPending ? (
        <p className="row gap12 t2" role="status"><Spinner />{w.loading}</p>
      ) : assets.data ? (
        <div className="listbox">
          <div className="search">
            <input aria-label={w.own.search(all.length)} placeholder={w.own.search(all.length)} value={typed} onChange={(e) => setTyped(e.currentTarget.value)} />
          </div>
          <ul>
            {fit.length === 0 && <li className="t3 mid" style={{ padding: 14 }}>{all.length === 0 ? w.own.none : w.campaigns.noMatch}</li>}
            {fit.map((a) => {
              const on = changed[a.account] ?? a.picked;
              return (
                <li key={a.account}>
                  <label className={`option${on ? " on" : ""}${a.usable || a.picked ? "" : " no"}`}>
                    <input
                      type="checkbox"
                      style={{ position: "static", opacity: 1, marginTop: 3 }}
                      checked={on}
                      disabled={!a.usable && !a.picked}
                      onChange={(e) => { const to = e.currentTarget.checked; setChanged((before) => ({ ...before, [a.account]: to })); }}
                    />
                    <span className="two">
                      <b>{a.name}</b>
                      <span className="l2">{a.usable ? [kindName[a.kind], a.detail, a.business].filter(Boolean).join(" · ") : a.sentence}</span>
                    </span>
                  </label>
                </li>
              );
            })}
          </ul>
        </div>
      ) : null}
    </Dialog>
  );
}
