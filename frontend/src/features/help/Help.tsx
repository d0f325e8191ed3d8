import { useApp, useTitle } from "../../lib/app";
import { useRelay } from "../../lib/data";
import { t } from "../../strings/en";
import { Mark } from "../../ui/Mark";
import { CardBody, TitledCard } from "../../ui/TitledCard";
import { CopyDiagnosis } from "./CopyDiagnosis";
import css from "./Help.module.css";
import { OperatorContact } from "./OperatorContact";
import { ShortcutList } from "./ShortcutList";

export function Help() {
  useTitle(t.help.title);
  const relay = useRelay();
  const { session } = useApp();
  const { operator = "", contact = "" } = relay.data ?? {};
  const about = (
    <>
      <Mark size={20} />
      {t.help.about}
    </>
  );
  return (
    <>
      <div className="head spaced">
        <h1>{t.help.title}</h1>
        <span className={css.lead}>{t.help.lead}</span>
      </div>
      <div className="ground" tabIndex={0}>
        <div className="home2">
          <div>
            <TitledCard title={t.help.how}>
              <ol className={css.steps}>
                {t.help.steps.map((step) => (
                  <li key={step}>{step}</li>
                ))}
              </ol>
            </TitledCard>
            <TitledCard title={t.help.operator}>
              <CardBody>
                <p className="t2">{operator ? t.help.operatorText(operator) : t.help.noOperator}</p>
                {contact && <OperatorContact contact={contact} />}
              </CardBody>
            </TitledCard>
            <TitledCard title={about}>
              <CardBody>
                <p className="t2">
                  {t.help.aboutText} {t.first.version(session.version)}.
                </p>
              </CardBody>
            </TitledCard>
            <TitledCard title={t.help.diagnosisTitle}>
              <CardBody>
                <div className={css.diagnosis}>
                  <p className="t2">{t.help.diagnosisText}</p>
                  <CopyDiagnosis />
                </div>
              </CardBody>
            </TitledCard>
          </div>
          <div>
            <TitledCard title={t.help.keys}>
              <ShortcutList />
            </TitledCard>
          </div>
        </div>
      </div>
    </>
  );
}
