// A campaign, made paused, to prove that the access works.
import { notifications } from "@mantine/notifications";
import {
  IconAppWindow,
  IconCopy,
  IconEye,
  IconForms,
  IconHistory,
  IconInfoCircle,
  IconMessageCircle,
  IconPointer,
  IconSearch,
  IconShoppingCart,
  IconSpeakerphone,
} from "@tabler/icons-react";
import { type ReactNode, useId, useState } from "react";
import { api } from "../../api/client";
import type { Kind } from "../../api/enums";
import { limits } from "../../api/limits";
import type { Campaign, ItemRow } from "../../api/types";
import {
  defaultAccountsParams,
  localSearchDebounce,
  queries,
  useAccountCount,
  useCampaigns,
  useFirstAccounts,
  usePaused,
} from "../../lib/data";
import { when } from "../../lib/dates";
import { toUiError, type UiError } from "../../lib/errors";
import { grouped } from "../../lib/request";
import { go, useApp, useTitle } from "../../lib/shell";
import { t } from "../../strings/en";
import { Empty, Field, Spinner } from "../../ui/basics";
import { Dialog } from "../../ui/Dialog";
import { ErrorLine } from "../../ui/ErrorCard";
import { StatusGlyph } from "../../ui/StatusPill";

const icon = { size: 18, stroke: 1.75, "aria-hidden": true } as const;
const pictures: Record<string, ReactNode> = {
  OUTCOME_AWARENESS: <IconEye {...icon} />,
  OUTCOME_TRAFFIC: <IconPointer {...icon} />,
  OUTCOME_ENGAGEMENT: <IconMessageCircle {...icon} />,
  OUTCOME_LEADS: <IconForms {...icon} />,
  OUTCOME_APP_PROMOTION: <IconAppWindow {...icon} />,
  OUTCOME_SALES: <IconShoppingCart {...icon} />,
};

type Making = { is: "form" } | { is: "making" } | { is: "made"; campaign: Campaign } | { is: "failed"; told: UiError };

export function Campaigns() {
  useTitle(t.campaigns.title);
  const { online } = useApp();
  const [ad, setAd] = useState("");
  const [page, setPage] = useState("");
  const [name, setName] = useState("");
  const [objective, setObjective] = useState<string>("OUTCOME_TRAFFIC");
  const [state, setState] = useState<Making>({ is: "form" });
  const made = useCampaigns().data ?? [];
  const [showing, setShowing] = useState(false);
  const ads = useAccountCount({ ...defaultAccountsParams, kind: "ad_account", advertise: true }).data;
  const pages = useAccountCount({ ...defaultAccountsParams, kind: "page", advertise: true }).data;
  const ready = ad !== "" && page !== "" && name.trim() !== "" && objective !== "";
  const create = () => {
    if (!ready || state.is === "making") return;
    setState({ is: "making" });
    api.createCampaign({ ad_account: ad, page, name: name.trim(), objective }).then(
      (campaign) => {
        setState({ is: "made", campaign });
        void queries.invalidateQueries({ queryKey: ["campaigns"] });
      },
      (cause: unknown) => setState({ is: "failed", told: toUiError(cause) }),
    );
  };
  const clear = () => {
    setAd("");
    setPage("");
    setName("");
    setState({ is: "form" });
  };
  if (ads === 0 && pages === 0) {
    return (
      <>
        <div className="head ruled">
          <h1>{t.campaigns.title}</h1>
        </div>
        <Empty
          icon={<IconSpeakerphone size={24} stroke={1.75} />}
          title={t.campaigns.emptyTitle}
          actions={
            <button type="button" className="btn primary" onClick={() => go({ at: "new" })}>
              {t.request}
            </button>
          }
        >
          {t.campaigns.emptyText}
        </Empty>
      </>
    );
  }
  return (
    <>
      <div className="head ruled">
        <h1>{t.campaigns.title}</h1>
        <span className="sp" />
        <span className="t2 mid">{t.campaigns.nothingSpent}</span>
      </div>
      <div className="campaign2">
        <div className="form">
          <div className="two2" style={{ gap: 14 }}>
            <Picker
              kind="ad_account"
              label={t.campaigns.adAccount}
              search={t.campaigns.searchAds}
              none={t.campaigns.noneAds}
              value={ad}
              onChange={setAd}
            />
            <Picker
              kind="page"
              label={t.campaigns.page}
              search={t.campaigns.searchPages}
              none={t.campaigns.nonePages}
              value={page}
              onChange={setPage}
            />
          </div>
          <Field
            label={t.campaigns.name}
            value={name}
            onChange={setName}
            maxLength={limits.name}
            spell
            onEnter={create}
          />
          <div role="radiogroup" aria-labelledby="objective">
            <span className="label" id="objective">
              {t.campaigns.bring}
            </span>
            <div className="objectives">
              {t.campaigns.objectives.map(([key, word, hint]) => (
                <label key={key} className={`objective${objective === key ? " on" : ""}`}>
                  <input type="radio" name="objective" checked={objective === key} onChange={() => setObjective(key)} />
                  {pictures[key]}
                  <span>
                    <b>{word}</b>
                    <span className="t3 small">{hint}</span>
                  </span>
                </label>
              ))}
            </div>
          </div>
        </div>
        <aside className="preview" aria-live="polite" tabIndex={0} style={{ gap: 14, overflow: "auto" }}>
          {state.is === "made" && <Made campaign={state.campaign} />}
          {state.is === "failed" && (
            <div>
              <h2 className="label">{t.campaigns.failed}</h2>
              <ErrorLine sentence={state.told.sentence} reference={state.told.reference} />
            </div>
          )}
          <p className="t2 mid row gap8" style={{ alignItems: "flex-start" }}>
            <IconInfoCircle size={17} stroke={1.75} aria-hidden="true" />
            {t.campaigns.proves}
          </p>
        </aside>
      </div>
      <div className="bar">
        <span className="t3 mid row gap8">
          {made.length > 0 && (
            <>
              <IconHistory size={16} stroke={1.75} aria-hidden="true" />
              {t.campaigns.madeHere(made.length)}
              <button type="button" className="link" onClick={() => setShowing(true)}>
                {t.campaigns.showThem}
              </button>
            </>
          )}
          {!online && <span className="wait">{t.campaigns.needsRelay}</span>}
        </span>
        <span className="sp" />
        {state.is === "form" && !ready && <span className="t3 mid">{t.campaigns.chooseBoth}</span>}
        <button type="button" className="btn quiet" onClick={clear}>
          {t.campaigns.clear}
        </button>
        {state.is === "made" ? (
          <button
            type="button"
            className="btn"
            onClick={() => {
              setName("");
              setState({ is: "form" });
            }}
          >
            {t.campaigns.another}
          </button>
        ) : (
          <button
            type="button"
            className="btn primary"
            onClick={create}
            disabled={!ready}
            aria-busy={state.is === "making"}
          >
            {state.is === "making" && <Spinner />}
            {state.is === "making" ? t.campaigns.creating : t.campaigns.create}
          </button>
        )}
      </div>
      <Dialog
        open={showing}
        title={t.campaigns.madeHere(made.length)}
        closeWord={t.close}
        onClose={() => setShowing(false)}
        width={620}
        actions={
          <button type="button" className="btn" onClick={() => setShowing(false)}>
            {t.close}
          </button>
        }
      >
        <ul style={{ maxHeight: 420, overflow: "auto" }}>
          {made.map((c) => (
            <MadeLine key={c.id} campaign={c} />
          ))}
        </ul>
      </Dialog>
    </>
  );
}

function MadeLine({ campaign: c }: { campaign: Campaign }) {
  const { now } = useApp();
  return (
    <li className="line mid" style={{ padding: "0 4px" }}>
      <span className="two" style={{ flex: 1 }}>
        <b>{c.name}</b>
        <span className="l2">{[c.ad_account, c.page, when(c.at, now)].join(" · ")}</span>
      </span>
      <span className="t2 mid num">{grouped(c.id)}</span>
      <button type="button" className="btn small" onClick={() => void api.browse({ address: c.open }).catch(() => {})}>
        {t.campaigns.openIt}
      </button>
    </li>
  );
}

function Made({ campaign: c }: { campaign: Campaign }) {
  const { now } = useApp();
  const objective = t.campaigns.objectives.find(([key]) => key === c.objective)?.[1] ?? c.objective;
  return (
    <section className="card" style={{ padding: 16 }}>
      <h2 className="row gap12" style={{ fontSize: 15, fontWeight: 650, padding: 0, marginBottom: 14 }}>
        <span className="ok">
          <StatusGlyph of="connected" size={20} />
        </span>
        {t.campaigns.created}
      </h2>
      <p className="t3 small">{t.campaigns.id}</p>
      <div className="codetext" style={{ margin: "6px 0 14px" }}>
        <span style={{ flex: 1 }}>{grouped(c.id)}</span>
        <button
          type="button"
          className="btn small icon"
          aria-label={t.copy}
          onClick={() => void api.copy({ text: c.id }).then(() => notifications.show({ message: t.copied }))}
        >
          <IconCopy size={16} stroke={1.75} aria-hidden="true" />
        </button>
      </div>
      <dl className="facts">
        <dt>{t.campaigns.adAccount}</dt>
        <dd>{c.ad_account}</dd>
        <dt>{t.campaigns.page}</dt>
        <dd>{c.page}</dd>
        <dt>{t.campaigns.objective}</dt>
        <dd>{objective}</dd>
        <dt>{t.campaigns.as}</dt>
        <dd>{c.user}</dd>
        <dt>{t.campaigns.when}</dt>
        <dd>{when(c.at, now)}</dd>
      </dl>
      {c.open && (
        <button
          type="button"
          className="btn primary"
          style={{ width: "100%", marginTop: 14 }}
          onClick={() => void api.browse({ address: c.open }).catch(() => {})}
        >
          {t.campaigns.open}
        </button>
      )}
    </section>
  );
}

interface PickerProps {
  kind: Kind;
  label: string;
  search: (n: number) => string;
  none: string;
  value: string;
  onChange: (id: string) => void;
}

// So many are listed; a search finds the others.
const most = 200;

/** What works, then what cannot be used now, with the reason. */
function Picker({ kind, label, search, none, value, onChange }: PickerProps) {
  const id = useId();
  const [typed, setTyped] = useState("");
  const word = usePaused(typed.trim(), localSearchDebounce);
  const page = useFirstAccounts({
    ...defaultAccountsParams,
    kind,
    advertise: true,
    search: word,
    sort: "name",
    limit: most,
  });
  const all = useAccountCount({ ...defaultAccountsParams, kind, advertise: true }).data ?? 0;
  const results =
    useFirstAccounts({ ...defaultAccountsParams, kind, results: true, search: word, sort: "name", limit: most }).data
      ?.accounts ?? [];
  const fit = page.data?.accounts ?? [];
  const usable = fit.filter((i) => i.state === "connected" && !i.attention && !i.waiting);
  const not = [...fit.filter((i) => !usable.includes(i)), ...results];
  const reason = (i: ItemRow) =>
    i.title || i.message || (results.includes(i) ? t.campaigns.resultsOnly : t.accounts.access[i.access]);
  const second = (i: ItemRow) =>
    [i.detail || grouped(i.account), i.client !== i.name ? i.client : ""].filter(Boolean).join(" · ");
  return (
    <div role="radiogroup" aria-labelledby={id}>
      <span className="label" id={id}>
        {label}
      </span>
      <div className="listbox">
        <div className="search">
          <IconSearch size={15} stroke={1.75} aria-hidden="true" />
          <input
            aria-label={search(all)}
            placeholder={search(all)}
            value={typed}
            onChange={(e) => setTyped(e.currentTarget.value)}
          />
        </div>
        <ul>
          {page.data && fit.length === 0 && not.length === 0 && (
            <li className="t3 mid" style={{ padding: 14 }}>
              {all === 0 ? none : t.campaigns.noMatch}
            </li>
          )}
          {usable.map((i) => (
            <li key={i.id}>
              <label className={`option${i.id === value ? " on" : ""}`}>
                <input type="radio" name={kind} checked={i.id === value} onChange={() => onChange(i.id)} />
                <span className="radio" aria-hidden="true" />
                <span className="two">
                  <b>{i.name}</b>
                  <span className="l2">{second(i)}</span>
                </span>
              </label>
            </li>
          ))}
          {page.data?.next && (
            <li className="t3 mid" style={{ padding: 14 }}>
              {t.campaigns.more(most)}
            </li>
          )}
          {not.length > 0 && <li className="grouphead">{t.campaigns.cannot(not.length)}</li>}
          {not.map((i) => (
            <li key={i.id} className="option no" aria-disabled="true">
              <span className="radio" aria-hidden="true" />
              <span className="two">
                <b>{i.name}</b>
                <span className="l2" title={i.message}>
                  {reason(i)}
                </span>
              </span>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
