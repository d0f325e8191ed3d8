import { TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import {
  IconAppWindow,
  IconEye,
  IconForms,
  IconMessageCircle,
  IconPointer,
  type IconProps,
  IconShoppingCart,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import type { CampaignForm } from "../../api/types";
import { t } from "../../strings/en";
import { CampaignPicker } from "./CampaignPicker";
import classes from "./Campaigns.module.css";

const pictures: Record<string, ComponentType<IconProps>> = {
  OUTCOME_AWARENESS: IconEye,
  OUTCOME_TRAFFIC: IconPointer,
  OUTCOME_ENGAGEMENT: IconMessageCircle,
  OUTCOME_LEADS: IconForms,
  OUTCOME_APP_PROMOTION: IconAppWindow,
  OUTCOME_SALES: IconShoppingCart,
};

type Form = UseFormReturnType<CampaignForm>;

export function CampaignFields({ form, onEnter }: { form: Form; onEnter: () => void }) {
  const error = (field: keyof CampaignForm) => (form.errors[field] as string | undefined) ?? "";
  return (
    <div className="form">
      <div className={`two2 ${classes.pickers}`}>
        <CampaignPicker
          kind="ad_account"
          label={t.campaigns.adAccount}
          search={t.campaigns.searchAds}
          none={t.campaigns.noneAds}
          value={form.values.ad_account}
          error={error("ad_account")}
          onChange={(id) => form.setFieldValue("ad_account", id)}
        />
        <CampaignPicker
          kind="page"
          label={t.campaigns.page}
          search={t.campaigns.searchPages}
          none={t.campaigns.nonePages}
          value={form.values.page}
          error={error("page")}
          onChange={(id) => form.setFieldValue("page", id)}
        />
      </div>
      <TextInput
        label={t.campaigns.name}
        spellCheck
        onKeyDown={(e) => e.key === "Enter" && onEnter()}
        {...form.getInputProps("name")}
      />
      <Objectives form={form} />
    </div>
  );
}

function Objectives({ form }: { form: Form }) {
  return (
    <div role="radiogroup" aria-labelledby="objective">
      <span className="label" id="objective">
        {t.campaigns.bring}
      </span>
      <div className="objectives">
        {t.campaigns.objectives.map(([key, name, hint]) => {
          const Picture = pictures[key];
          const on = form.values.objective === key;
          return (
            <label key={key} className={`objective${on ? " on" : ""}`}>
              <input type="radio" name="objective" checked={on} onChange={() => form.setFieldValue("objective", key)} />
              {Picture && <Picture size={18} stroke={1.75} aria-hidden="true" />}
              <span>
                <b>{name}</b>
                <span className="t3 small">{hint}</span>
              </span>
            </label>
          );
        })}
      </div>
    </div>
  );
}
