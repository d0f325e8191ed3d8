import { Switch } from "@mantine/core";
import type { Preferences } from "../../api/types";
import { useApp } from "../../lib/app";
import { usePreference } from "./usePreference";

interface PreferenceSwitchProps {
  of: keyof Preferences;
  label: string;
  hint: string;
}

/** A preference that is on or off, and acts at once. */
export function PreferenceSwitch({ of, label, hint }: PreferenceSwitchProps) {
  const { preferences } = useApp();
  const set = usePreference();
  return (
    <Switch
      label={label}
      aria-label={label}
      description={hint}
      checked={preferences[of]}
      onChange={(e) => set({ [of]: e.currentTarget.checked })}
    />
  );
}
