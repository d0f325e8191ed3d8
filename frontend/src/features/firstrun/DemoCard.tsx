import { Loader } from "@mantine/core";
import { IconArrowRight, IconPlayerPlay } from "@tabler/icons-react";
import { t } from "../../strings/en";
import css from "./DemoCard.module.css";

interface DemoCardProps {
  busy: boolean;
  disabled: boolean;
  onClick: () => void;
}

export function DemoCard({ busy, disabled, onClick }: DemoCardProps) {
  return (
    <button type="button" className={css.card} onClick={onClick} aria-busy={busy} disabled={disabled}>
      <span className={`icontile p ${css.icon}`}>
        {busy ? <Loader /> : <IconPlayerPlay size={20} stroke={1.75} aria-hidden="true" />}
      </span>
      <span className={css.words}>
        <b>{t.first.demo}</b>
        <span className="t2 mid" role="status">
          {busy ? t.first.demoStarting : t.first.demoText}
        </span>
      </span>
      <IconArrowRight size={18} stroke={1.75} aria-hidden="true" />
    </button>
  );
}
