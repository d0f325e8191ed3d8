import { Card } from "@mantine/core";
import { useOutbox } from "../../lib/data";
import { t } from "../../strings/en";
import { CardBody, TitledCard } from "../../ui/TitledCard";
import { ComputerFacts } from "./ComputerFacts";
import { LeaveAgency } from "./LeaveAgency";
import { OutboxEntry } from "./OutboxEntry";
import { PreferenceSwitch } from "./PreferenceSwitch";
import css from "./Settings.module.css";

export function ComputerSettings() {
  const entries = useOutbox().data ?? [];
  return (
    <div className="settings-col">
      <TitledCard title={t.settings.computer}>
        <ComputerFacts />
      </TitledCard>
      <TitledCard title={t.settings.outboxTitle} {...(entries.length > 0 ? { count: entries.length } : {})}>
        {entries.length === 0 && (
          <CardBody>
            <p className="t2">{t.settings.outboxNone}</p>
          </CardBody>
        )}
        {entries.map((e) => (
          <OutboxEntry key={e.seq} entry={e} />
        ))}
      </TitledCard>
      <Card component="section" aria-label={t.settings.title}>
        <div className={css.switches} data-alone>
          <PreferenceSwitch of="compact" label={t.settings.compact} hint={t.settings.compactHint} />
          <hr className="hr" />
          <PreferenceSwitch of="single_keys" label={t.settings.single} hint={t.settings.singleHint} />
        </div>
      </Card>
      <LeaveAgency />
    </div>
  );
}
