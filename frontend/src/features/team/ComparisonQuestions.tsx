import { Button, Loader } from "@mantine/core";
import { IconDeviceLaptop } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { api } from "../../api/client";
import type { PendingDevice } from "../../api/types";
import { useApp } from "../../lib/app";
import { queries } from "../../lib/data";
import { ago } from "../../lib/dates";
import { t } from "../../strings/en";
import { useRequestActions } from "../requests/actions";
import css from "./ComparisonQuestions.module.css";

/** Two computers show a number each: only a person can see whether they are the same. */
export function ComparisonQuestions({ pending }: { pending: PendingDevice[] }) {
  const { session } = useApp();
  const [later, setLater] = useState<ReadonlySet<string>>(new Set());
  return (
    <>
      {session.fingerprint && (
        <ComparisonCard
          title={t.settings.waitsHere}
          text={<span className="t2 mid">{t.settings.waitsHereText}</span>}
          number={session.fingerprint}
        />
      )}
      {pending
        .filter((d) => !later.has(d.id))
        .map((d) => (
          <DeviceQuestion key={d.id} device={d} onLater={() => setLater((had) => new Set([...had, d.id]))} />
        ))}
    </>
  );
}

function DeviceQuestion({ device, onLater }: { device: PendingDevice; onLater: () => void }) {
  const { now } = useApp();
  const act = useRequestActions();
  const refresh = () => queries.invalidateQueries({ queryKey: ["devices"] });
  const pass = () => api.approve({ id: device.id, number: device.fingerprint }).then(refresh);
  const remove = () => api.revoke({ id: device.id }).then(refresh);
  return (
    <ComparisonCard
      title={t.settings.wants(device.name, device.wants)}
      text={<span className={css.text}>{t.settings.both(ago(device.created, now), device.member)}</span>}
      number={device.fingerprint}
    >
      {device.in_progress ? (
        <span className={css.passing} role="status">
          <Loader />
          {t.settings.passing}
        </span>
      ) : (
        <>
          <Button variant="filled" onClick={() => act.run(t.settings.pass, pass, t.toast.passed)}>
            {t.settings.pass}
          </Button>
          <Button onClick={() => act.run(t.settings.removeComputer, remove, t.toast.revoked)}>
            {t.settings.removeComputer}
          </Button>
          <Button variant="subtle" onClick={onLater}>
            {t.settings.later}
          </Button>
        </>
      )}
    </ComparisonCard>
  );
}

interface ComparisonCardProps {
  title: string;
  text: ReactNode;
  number: string;
  children?: ReactNode;
}

function ComparisonCard({ title, text, number, children }: ComparisonCardProps) {
  return (
    <section className={css.card} aria-label={title}>
      <span className="icontile p big">
        <IconDeviceLaptop size={24} stroke={1.75} aria-hidden="true" />
      </span>
      <span className={css.middle}>
        <h2>{title}</h2>
        {text}
        {children && <span className={css.answers}>{children}</span>}
      </span>
      <span className={css.comparison}>
        <span className={css.number}>{number}</span>
        <span className="t3 small">{t.settings.onThis}</span>
      </span>
    </section>
  );
}
