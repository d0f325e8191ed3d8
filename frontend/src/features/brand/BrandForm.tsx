import { TextInput } from "@mantine/core";
import type { AgencyView } from "../../api/types";
import { useApp } from "../../lib/app";
import { useOutbox } from "../../lib/data";
import { useCommand } from "../../lib/shortcuts";
import { t } from "../../strings/en";
import { ErrorLine } from "../../ui/ErrorCard";
import { Refused } from "../requests/Refused";
import { ApplyBar } from "./ApplyBar";
import css from "./BrandForm.module.css";
import { BrandPreview } from "./BrandPreview";
import { ColourField } from "./ColourField";
import { ColourSamples } from "./ColourSamples";
import { LogoField } from "./LogoField";
import { ReplyTo } from "./ReplyTo";
import { RequesterSwitch, ShareSwitch, WhiteLabelSwitch } from "./switches";
import { useBrandForm } from "./useBrandForm";

export function BrandForm({ agency }: { agency: AgencyView }) {
  const { session } = useApp();
  const disabled = session.role !== "main";
  const { form, changed, apply, discard, submit, replyTo } = useBrandForm(agency);
  useCommand("save", apply);
  const { values } = form;
  const hasLogo = values.logo !== "" || (values.keep_logo && agency.logo !== "");
  return (
    <>
      <div className="split">
        <div className={`form ${css.form}`}>
          {disabled && <p className={css.readOnly}>{t.brand.readOnly}</p>}
          {submit.error && (
            <ErrorLine
              message={submit.error.message}
              reference={submit.error.reference}
              onClose={submit.reset}
              closeWord={t.close}
            />
          )}
          <RefusedSettings />
          <div className={css.panel}>
            <WhiteLabelSwitch agency={agency} newLogo={values.logo !== ""} disabled={disabled} />
          </div>
          <LogoField form={form} applied={agency.logo} disabled={disabled} />
          <div className={css.pair}>
            <TextInput
              label={t.brand.company}
              placeholder={agency.name}
              disabled={disabled}
              description={values.company ? t.brand.companyHint : t.brand.companyEmpty}
              spellCheck
              {...form.getInputProps("company")}
            />
            <ColourField form={form} disabled={disabled} />
          </div>
          {!form.errors.colour && <ColourSamples colour={values.colour} />}
          <ReplyTo agency={agency} editing={replyTo} disabled={disabled} />
          <hr className="hr" />
          <RequesterSwitch form={form} disabled={disabled} />
          <hr className="hr" />
          <ShareSwitch agency={agency} disabled={disabled} />
        </div>
        <BrandPreview form={values} on={agency.brand_on || (hasLogo && changed > 0)} />
      </div>
      <ApplyBar
        changed={changed}
        wrong={form.errors.colour !== undefined}
        replyTo={replyTo.changed}
        disabled={disabled}
        busy={submit.busy}
        onApply={apply}
        onDiscard={discard}
      />
    </>
  );
}

const kinds = new Set(["save_brand", "switch_brand", "share_requests"]);

/** What the relay refused of these settings after it was kept, where it was typed. */
function RefusedSettings() {
  return <Refused entries={useOutbox().data?.filter((e) => kinds.has(e.kind)) ?? []} />;
}
