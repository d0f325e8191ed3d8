// What a request needs before it is sent: what is wrong comes first, with a way to mend it.
import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api/client";
import type { PreflightRow, PreflightView, RequestDetails } from "../../api/types";
import { useApp } from "../../lib/app";
import { usePreflight } from "../../lib/data";
import { editLink, links, settingsLink, signInLink } from "../../lib/links";
import { t } from "../../strings/en";
import { BusyButton } from "../../ui/BusyButton";
import { StatusGlyph } from "../../ui/StatusPill";
import { useDelayedFlag } from "../../ui/useDelayedFlag";
import { useRequestActions } from "./actions";
import classes from "./Preflight.module.css";
import { useSentences } from "./preflightSentences";

export interface Checked {
  /** Nobody has looked yet. */
  pending: boolean;
  /** An invitation would lead nowhere. */
  stops: boolean;
  /** The link alone would lead somewhere: only emails cannot be sent. */
  linkWorks: boolean;
  busy: boolean;
  failed: boolean;
  view: PreflightView | undefined;
  again: () => void;
  /** Sends once it is known that nothing stops it. */
  before: (send: () => void) => void;
  /** Something waits to be sent until that is known. */
  waiting: boolean;
}

/** Checks a request, and once more when the relay is reached again. */
export function useChecked(d: RequestDetails): Checked {
  const { online } = useApp();
  const { data, isPending, isFetching, isError, refetch } = usePreflight(d.id, online);
  const stopping = data?.lines.filter((line) => line.state === "stop") ?? [];
  const [waiting, setWaiting] = useState(false);
  const before = async (send: () => void) => {
    setWaiting(isPending);
    const found = isPending ? (await refetch({ cancelRefetch: false })).data : data;
    setWaiting(false);
    if (!found?.lines.some((line) => line.state === "stop")) send();
  };
  return {
    pending: isPending,
    stops: stopping.length > 0,
    linkWorks: stopping.every((line) => line.check === "mail"),
    busy: isFetching,
    failed: isError,
    view: data,
    again: () => void refetch(),
    before: (send) => void before(send),
    waiting,
  };
}

/** The result of all checks: one line where nothing is wrong. */
export function Preflight({ d, checked }: { d: RequestDetails; checked: Checked }) {
  const late = useDelayedFlag(checked.pending);
  const lines = checked.view?.lines ?? [];
  const offline = (line: PreflightRow) => line.reason === "offline" && line.check !== "address"; // said once
  const wrong = lines.filter((line) => line.state !== "ok" && !offline(line)).sort((a, b) => rank(a) - rank(b));
  const good = lines.filter((line) => line.state === "ok").length;
  return (
    <section aria-label={t.preflight.title} aria-live="polite">
      {checked.pending && late && <p className="t3 mid">{t.preflight.checking}</p>}
      {checked.failed && <p className="t2 mid">{t.preflight.notChecked}</p>}
      {checked.view && wrong.length === 0 && (
        <p className={`row gap8 mid ${classes.ready}`}>
          <span className={`ok ${classes.glyph}`}>
            <StatusGlyph of="connected" size={16} />
          </span>
          {t.preflight.ready}
        </p>
      )}
      {wrong.map((line) => (
        <Wrong key={line.check + line.service} d={d} line={line} again={checked.again} />
      ))}
      {(wrong.length > 0 || checked.failed) && (
        <p className={`row gap12 ${classes.foot}`}>
          <BusyButton size="xs" busy={checked.busy} onClick={checked.again}>
            {t.preflight.again}
          </BusyButton>
          {good > 0 && <span className="t3 mid">{t.preflight.others(good)}</span>}
        </p>
      )}
    </section>
  );
}

/** What stops comes first. */
const rank = (line: PreflightRow): number => ["stop", "warning", "unknown"].indexOf(line.state);

interface LineProps {
  d: RequestDetails;
  line: PreflightRow;
  again: () => void;
}

function Wrong({ d, line, again }: LineProps) {
  const say = useSentences(d);
  const { title, next } = say(line);
  const stops = line.state === "stop";
  const tone = stops ? "problem" : line.state === "unknown" ? `problem wait ${classes.unknown}` : "problem wait";
  return (
    <div className={`${tone} ${classes.line}`}>
      <p className="row gap8">
        <span className={`${stops ? "fail" : "wait"} ${classes.glyph}`}>
          <StatusGlyph of={stops ? "failed" : "waiting"} size={16} />
        </span>
        <b>{title}</b>
      </p>
      <p className={`t2 ${classes.next}`}>
        {next}
        {line.detail && <span className="block">{t.preflight.says(line.detail)}</span>}
      </p>
      <Mend d={d} line={line} again={again} />
    </div>
  );
}

/** The buttons that mend it, where one can. */
function Mend({ d, line, again }: LineProps) {
  const navigate = useNavigate();
  const act = useRequestActions();
  const business = `https://business.facebook.com/settings/people?business_id=${encodeURIComponent(d.business_id)}`;
  const leaveOut = line.reason === "not_offered" || line.reason === "app_broken";
  const edit = d.can.edit && (line.check === "admin" || leaveOut);
  const buttons = [
    line.check === "sign_in" && { word: t.preflight.signIn, do: () => void navigate(signInLink) },
    edit && { word: t.form.edit, do: () => void navigate(editLink(d.id)) },
    line.check === "admin" &&
      line.state === "stop" && {
        word: t.preflight.openBusiness,
        do: () => act.run(t.preflight.openBusiness, () => api.browse({ address: business })),
      },
    line.reason === "keychain" && { word: t.preflight.unlock, do: again },
    line.reason === "no_device" && { word: t.preflight.team, do: () => void navigate(settingsLink("team")) },
    line.reason === "app_broken" && { word: t.preflight.accounts, do: () => void navigate(links.accounts) },
    line.check === "mail" && d.can.copy_link && { word: t.preflight.copyLink, do: () => act.copyLink(d) },
  ].filter((button) => button !== false);
  if (buttons.length === 0) return null;
  return (
    <div className={`row gap8 ${classes.buttons}`}>
      {buttons.map((button) => (
        <Button key={button.word} size="xs" onClick={button.do}>
          {button.word}
        </Button>
      ))}
    </div>
  );
}
