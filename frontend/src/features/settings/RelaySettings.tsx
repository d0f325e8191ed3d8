// How the relay is, for main users: what whoever runs it has to look after.
import { Button } from "@mantine/core";
import type { CheckupCheck } from "../../api/enums";
import type { CheckupLine, CheckupView } from "../../api/types";
import { useApp, useServices } from "../../lib/app";
import { useCheckup, useRelay } from "../../lib/data";
import { fullMoment } from "../../lib/dates";
import { toUiError } from "../../lib/errors";
import { t } from "../../strings/en";
import { BusyButton } from "../../ui/BusyButton";
import { ErrorLine } from "../../ui/ErrorCard";
import { SkeletonRows } from "../../ui/SkeletonRows";
import { StatusGlyph } from "../../ui/StatusPill";
import { CardBody, TitledCard } from "../../ui/TitledCard";
import css from "./RelaySettings.module.css";

export function RelaySettings() {
  const { session } = useApp();
  return (
    <div className="settings-col">
      <TitledCard title={t.checkup.title}>
        {session.role === "main" ? (
          <Checkup />
        ) : (
          <CardBody>
            <p className="t2">{t.checkup.mainOnly}</p>
          </CardBody>
        )}
      </TitledCard>
    </div>
  );
}

function Checkup() {
  const { data, isPending, isError, isFetching, error, refetch } = useCheckup();
  if (isPending) return <SkeletonRows rows={4} label={t.checkup.asking} />;
  if (isError) {
    const { message, reference } = toUiError(error);
    return (
      <CardBody>
        <ErrorLine message={message} reference={reference} />
        <Button size="xs" onClick={() => void refetch()}>
          {t.tryAgain}
        </Button>
      </CardBody>
    );
  }
  return data.checked === 0 ? (
    <CardBody>
      <p className="t2">{t.checkup.older}</p>
    </CardBody>
  ) : (
    <Report of={data} busy={isFetching} onAgain={() => void refetch()} />
  );
}

function Report({ of, busy, onAgain }: { of: CheckupView; busy: boolean; onAgain: () => void }) {
  const relay = useRelay().data;
  const operator = relay?.operator || t.preflight.runner;
  const lines = [...of.lines].sort((a, b) => rank(a) - rank(b));
  const wrong = lines.some(isWrong);
  const right = lines.some((line) => line.state === "ok") ? t.checkup.good(operator) : t.checkup.unknown(operator);
  return (
    <>
      <CardBody>
        <p className="t2">{wrong ? t.checkup.wrong(operator) + t.preflight.write(relay?.contact ?? "") : right}</p>
      </CardBody>
      <ul className={css.lines}>
        {lines.map((line) => (
          <Line key={line.check + (line.service ?? "")} line={line} />
        ))}
      </ul>
      <CardBody>
        <div className="row gap12">
          <p className="t3">{t.checkup.checked(fullMoment(of.checked))}</p>
          <span className="sp" />
          <BusyButton size="xs" busy={busy} onClick={onAgain}>
            {t.checkup.again}
          </BusyButton>
        </div>
      </CardBody>
    </>
  );
}

/** What fails comes first. */
const rank = (line: CheckupLine): number => (line.state === "failed" ? 0 : line.state === "warning" ? 1 : 2);

const isWrong = (line: CheckupLine): boolean => line.state === "failed" || line.state === "warning";

function Line({ line }: { line: CheckupLine }) {
  const services = useServices();
  // A newer relay may examine what this program has no words for.
  const said = t.checkup.lines[line.check as CheckupCheck];
  if (!said) return null;
  const service = line.service ? services.of(line.service).name : "";
  const state =
    line.state === "failed" ? "fail" : line.state === "warning" ? "wait" : line.state === "ok" ? "ok" : "t3";
  return (
    <li className={css.line}>
      <span className={`${state} ${css.glyph}`}>
        <StatusGlyph of={glyphs[state]} size={16} />
      </span>
      <div>
        <p>{(isWrong(line) ? said.wrong : line.state === "ok" ? said.ok : said.unknown)(service)}</p>
        {isWrong(line) && <p className="t2">{said.next(service)}</p>}
      </div>
    </li>
  );
}

const glyphs = { fail: "failed", wait: "waiting", ok: "connected", t3: "pending" } as const;
