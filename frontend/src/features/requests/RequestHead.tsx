import { ActionIcon } from "@mantine/core";
import { IconArrowLeft, IconCheck, IconChevronRight } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useTitle } from "../../lib/app";
import { links } from "../../lib/links";
import { t } from "../../strings/en";

/** The head of both steps. */
export function RequestHead({ step, title }: { step: 1 | 2; title: string }) {
  const navigate = useNavigate();
  useTitle(title);
  return (
    <div className="head ruled">
      <ActionIcon ml={-7} size={30} variant="subtle" aria-label={t.back} onClick={() => navigate(links.requests)}>
        <IconArrowLeft size={18} stroke={1.75} aria-hidden="true" />
      </ActionIcon>
      <h1 className="trunc" title={title}>
        {title}
      </h1>
      <span className="sp" />
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
    </div>
  );
}
