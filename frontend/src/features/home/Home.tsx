import { useApp, useTitle } from "../../lib/app";
import { useTotals } from "../../lib/data";
import { greeting, longDay } from "../../lib/dates";
import { t } from "../../strings/en";
import { RequestButton } from "../requests/Collaboration";
import { MailBand } from "../requests/MailBand";
import { OfflineBand } from "../requests/OfflineBand";
import { TotalsLinks } from "../requests/Totals";
import { Chart } from "./Chart";
import { Expiring } from "./Expiring";
import { FirstSteps } from "./FirstSteps";
import classes from "./Home.module.css";
import { LostComputers } from "./LostComputers";
import { Recent } from "./Recent";
import { Todos } from "./Todos";

export function Home() {
  useTitle(t.nav.home);
  const { session, now } = useApp();
  const totals = useTotals().data;
  const first = session.member.split(" ")[0] ?? "";
  return (
    <>
      <div className="head spaced">
        <h1>{t.home.hello[greeting(now)](first)}</h1>
        <span className={`t3 ${classes.day}`}>{longDay(now)}</span>
        <span className="sp" />
        <RequestButton />
      </div>
      <OfflineBand />
      <MailBand />
      <div className="ground">
        <TotalsLinks totals={totals} />
        <div className="home2">
          <div>
            {totals && !session.demo && <FirstSteps requests={totals.all} />}
            <LostComputers />
            <Todos empty={totals?.accounts === 0} />
            <Recent />
          </div>
          <div>
            <Chart />
            <Expiring />
          </div>
        </div>
      </div>
    </>
  );
}
