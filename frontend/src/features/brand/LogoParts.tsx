import { Button } from "@mantine/core";
import { IconPhotoUp } from "@tabler/icons-react";
import { useState } from "react";
import { t } from "../../strings/en";
import css from "./LogoField.module.css";

interface LogoShownProps {
  source: string;
  disabled: boolean;
  onReplace: () => void;
  onRemove: () => void;
  /** The browser cannot read it. */
  onUnreadable: () => void;
}

/** The logo on both grounds. */
export function LogoShown({ source, disabled, onReplace, onRemove, onUnreadable }: LogoShownProps) {
  return (
    <div className={css.shown}>
      <span className={css.box} data-ground="light">
        <img src={source} alt="" onError={onUnreadable} />
      </span>
      <span className={css.box} data-ground="dark">
        <img src={source} alt="" />
      </span>
      <span className={css.grounds}>{t.brand.grounds}</span>
      <Button size="xs" onClick={onReplace} disabled={disabled}>
        {t.brand.replace}
      </Button>
      <Button size="xs" variant="subtle" onClick={onRemove} disabled={disabled}>
        {t.brand.remove}
      </Button>
    </div>
  );
}

interface LogoDropProps {
  disabled: boolean;
  onChoose: () => void;
  onDrop: (file: File | undefined) => void;
}

export function LogoDrop({ disabled, onChoose, onDrop }: LogoDropProps) {
  const [over, setOver] = useState(false);
  return (
    <div
      className={css.drop}
      data-over={over || undefined}
      onDragOver={(e) => {
        e.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(e) => {
        e.preventDefault();
        setOver(false);
        onDrop(e.dataTransfer.files[0]);
      }}
    >
      <span className={`icontile p ${css.icon}`}>
        <IconPhotoUp size={19} stroke={1.75} aria-hidden="true" />
      </span>
      <span className={css.words}>
        {t.brand.drop}
        <span>{t.brand.dropHint}</span>
      </span>
      <Button size="xs" onClick={onChoose} disabled={disabled}>
        {t.brand.choose}
      </Button>
    </div>
  );
}
