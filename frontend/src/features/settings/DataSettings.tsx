import { t } from "../../strings/en";
import { CardBody, TitledCard } from "../../ui/TitledCard";
import css from "./Settings.module.css";

export function DataSettings() {
  return (
    <div className="settings-col">
      <TitledCard title={t.settings.dataTitle}>
        <CardBody>
          <p className="t2">{t.settings.dataText}</p>
        </CardBody>
      </TitledCard>
      <TitledCard title={t.settings.keptTitle}>
        <ul className={css.kept}>
          {t.settings.kept.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </TitledCard>
    </div>
  );
}
