import { useRef, useState } from "react";
import { t } from "../../strings/en";
import css from "./LogoField.module.css";
import { LogoDrop, LogoShown } from "./LogoParts";
import { readImage } from "./logo";
import type { BrandFormState } from "./useBrandForm";

interface LogoFieldProps {
  form: BrandFormState;
  /** The logo that is applied; empty: none. */
  applied: string;
  disabled: boolean;
}

export function LogoField({ form, applied, disabled }: LogoFieldProps) {
  const file = useRef<HTMLInputElement>(null);
  const [type, setType] = useState("image/png");
  const { logo, keep_logo } = form.values;
  const error = form.errors.logo;
  const set = (values: { logo: string; keep_logo: boolean }) => {
    form.clearFieldError("logo");
    form.setValues(values);
  };
  const take = async (chosen: File | undefined) => {
    if (!chosen || disabled) return;
    const read = await readImage(chosen);
    if (read.is === "refused") return form.setFieldError("logo", read.message);
    setType(read.type);
    set({ logo: read.base64, keep_logo: false });
  };
  const source = logo ? `data:${type};base64,${logo}` : keep_logo ? applied : "";
  const pick = () => file.current?.click();
  return (
    <div>
      <span className={css.label}>{t.brand.logo}</span>
      <input
        ref={file}
        type="file"
        accept="image/png,image/jpeg,image/webp"
        hidden
        aria-label={t.brand.logo}
        onChange={(e) => {
          void take(e.currentTarget.files?.[0]);
          e.currentTarget.value = "";
        }}
      />
      {source ? (
        <LogoShown
          source={source}
          disabled={disabled}
          onReplace={pick}
          onRemove={() => set({ logo: "", keep_logo: false })}
          onUnreadable={() => {
            form.setValues({ logo: "", keep_logo: applied !== "" });
            form.setFieldError("logo", t.brand.damaged);
          }}
        />
      ) : (
        <LogoDrop disabled={disabled} onChoose={pick} onDrop={(dropped) => void take(dropped)} />
      )}
      {error && (
        <p className={css.error} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
