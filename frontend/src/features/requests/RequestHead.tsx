import { IconCheck, IconChevronRight } from "@tabler/icons-react";
import { t } from "../../strings/en";
import { BackHead } from "../../ui/BackHead";

/** The head of both steps. */
export function RequestHead({ step, title }: { step: 1 | 2; title: string }) {
  return (
    <BackHead title={title}>
      <ol className="steps">
        <li className="row gap8" aria-current={step === 1 ? "step" : undefined}>
          <span className={`d ${step === 1 ? "on" : "ok"}`}>
            {step === 1 ? "1" : <IconCheck size={13} stroke={2} aria-hidden="true" />}
          </span>
          {step === 1 ? <b>{t.form.step1}</b> : t.form.step1}
        </li>
        <IconChevronRight size={14} stroke={1.75} aria-hidden="true" />
        <li className="row gap8" aria-current={step === 2 ? "step" : undefined}>
          <span className={`d${step === 2 ? " on" : ""}`}>2</span>
          {step === 2 ? <b>{t.form.step2}</b> : t.form.step2}
        </li>
      </ol>
    </BackHead>
  );
}
