import type { Day } from "../../api/types";
import { useApp } from "../../lib/app";
import { useDays } from "../../lib/data";
import { shortDay } from "../../lib/dates";
import { t } from "../../strings/en";
import classes from "./Chart.module.css";

/** What was asked and what was connected, added up day by day. */
export function Chart() {
  const { now } = useApp();
  const list = useDays(now).data;
  const sent = list?.reduce((n, d) => n + d.sent, 0) ?? 0;
  const connected = list?.reduce((n, d) => n + d.connected, 0) ?? 0;
  return (
    <section className="card" aria-labelledby="chart">
      <h2 id="chart">{t.home.chart}</h2>
      <div className={classes.body}>
        {list && list.length > 1 && sent + connected > 0 ? (
          <>
            <Plot days={list} label={t.home.chartLabel(sent, connected)} />
            <p className="t2 mid">{t.home.chartSentence(sent, connected)}</p>
          </>
        ) : (
          list && <p className="t2 mid">{t.home.chartNone}</p>
        )}
      </div>
    </section>
  );
}

// In units of the picture. The space on the right is for the labels.
const width = 352;
const height = 192;
const plot = 250;
const ground = 160;
const top = 16;

interface Curve {
  points: [x: number, y: number][];
  total: number;
}

/** The values of each day added up, as points of the plot; max is at its top. */
function curve(values: number[], max: number): Curve {
  let total = 0;
  const points = values.map((value, n): [number, number] => {
    total += value;
    return [(n / Math.max(1, values.length - 1)) * plot, ground - (total / max) * (ground - top)];
  });
  return { points, total };
}

const steps = ({ points }: Curve) => points.map(([x, y], n) => (n === 0 ? `M0 ${y}` : `H${x}V${y}`)).join("");
const endOf = ({ points }: Curve) => points.at(-1)?.[1] ?? ground;

function Plot({ days, label }: { days: Day[]; label: string }) {
  const sum = (of: (d: Day) => number) => days.reduce((n, d) => n + of(d), 0);
  const max = Math.max(
    1,
    sum((d) => d.sent),
    sum((d) => d.connected),
  );
  const sent = curve(
    days.map((d) => d.sent),
    max,
  );
  const connected = curve(
    days.map((d) => d.connected),
    max,
  );
  const ySent = endOf(sent);
  const yConnected = Math.max(endOf(connected), ySent + 22); // the labels never overlap
  return (
    <svg viewBox={`0 0 ${width} ${height}`} className={classes.plot} role="img" aria-label={label}>
      <path className={classes.grid} d={`M0 ${top}H${plot}M0 ${(ground + top) / 2}H${plot}M0 ${ground}H${plot}`} />
      <path className={classes.area} d={`${steps(connected)}V${ground}H0Z`} />
      <path className={classes.sent} d={steps(sent)} />
      <path className={classes.connected} d={steps(connected)} />
      <circle className={classes.sentEnd} cx={plot} cy={ySent} r="3.5" />
      <circle className={classes.connectedEnd} cx={plot} cy={endOf(connected)} r="4" />
      <EndLabel className={classes.sentLabel} y={ySent} total={sent.total} word={t.home.sent} />
      <EndLabel className={classes.connectedLabel} y={yConnected} total={connected.total} word={t.home.connected} />
      <DayLabels days={days} />
    </svg>
  );
}

interface EndLabelProps {
  className: string | undefined;
  y: number;
  total: number;
  word: string;
}

function EndLabel({ className, y, total, word }: EndLabelProps) {
  return (
    <text x={plot + 12} y={y + 4} className={className}>
      <tspan className={classes.number}>{total.toLocaleString("en-GB")}</tspan> {word}
    </text>
  );
}

function DayLabels({ days }: { days: Day[] }) {
  const first = days[0];
  const middle = days[Math.floor(days.length / 2)];
  return (
    <g className={classes.days}>
      {first && (
        <text x="0" y="182">
          {shortDay(first.day)}
        </text>
      )}
      {middle && (
        <text x={plot / 2} y="182" textAnchor="middle">
          {shortDay(middle.day)}
        </text>
      )}
      <text x={plot} y="182" textAnchor="middle">
        {t.home.today}
      </text>
    </g>
  );
}
