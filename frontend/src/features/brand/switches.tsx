import { Switch } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { api } from "../../api/client";
import type { AgencyView } from "../../api/types";
import { useApp } from "../../lib/app";
import { t } from "../../strings/en";
import { useRequestActions } from "../requests/actions";
import type { BrandFormState } from "./useBrandForm";

interface WhiteLabelSwitchProps {
  agency: AgencyView;
  /** A logo is chosen and not applied yet. */
  newLogo: boolean;
  disabled: boolean;
}

export function WhiteLabelSwitch({ agency, newLogo, disabled }: WhiteLabelSwitchProps) {
  const off = newLogo ? t.brand.needApply : t.brand.needLogo;
  const hint = agency.brand_on ? t.brand.on : agency.logo !== "" ? t.brand.off : off;
  return (
    <InstantSwitch
      label={t.brand.whitelabel}
      hint={agency.logo === "" ? <span className="wait">{hint}</span> : hint}
      on={agency.brand_on}
      disabled={disabled || (!agency.brand_on && agency.logo === "")}
      call={(on) => api.switchBrand({ on })}
      success={(on) => (on ? t.toast.brandOn : t.toast.brandOff)}
    />
  );
}

export function ShareSwitch({ agency, disabled }: { agency: AgencyView; disabled: boolean }) {
  return (
    <InstantSwitch
      label={t.brand.share}
      hint={agency.share_requests ? t.brand.shareOn : t.brand.shareOff}
      on={agency.share_requests}
      disabled={disabled}
      call={(on) => api.shareRequests({ on })}
      success={(on) => (on ? t.toast.shareOn : t.toast.shareOff)}
    />
  );
}

/** This one is part of the form: it waits for Apply Settings. */
export function RequesterSwitch({ form, disabled }: { form: BrandFormState; disabled: boolean }) {
  const { session } = useApp();
  const on = form.values.show_requester;
  return (
    <Switch
      label={t.brand.requester}
      aria-label={t.brand.requesterAccessible}
      description={on ? t.brand.requesterOn(session.member) : t.brand.requesterOff}
      disabled={disabled}
      {...form.getInputProps("show_requester", { type: "checkbox" })}
    />
  );
}

interface InstantSwitchProps {
  label: string;
  hint: ReactNode;
  on: boolean;
  disabled: boolean;
  call: (on: boolean) => Promise<unknown>;
  success: (on: boolean) => string;
}

/** A switch that acts at once. */
function InstantSwitch({ label, hint, on, disabled, call, success }: InstantSwitchProps) {
  const act = useRequestActions();
  const change = useMutation({ mutationFn: call });
  return (
    <Switch
      label={label}
      aria-label={label}
      aria-busy={change.isPending || undefined}
      description={hint}
      checked={on}
      disabled={disabled}
      onChange={(e) => {
        const next = e.currentTarget.checked;
        if (!change.isPending) act.run(label, () => change.mutateAsync(next), success(next));
      }}
    />
  );
}
