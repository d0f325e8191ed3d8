import { api } from "../../api/client";
import type { Preferences } from "../../api/types";
import { useApp } from "../../lib/app";
import { queries } from "../../lib/data";
import { t } from "../../strings/en";
import { useRequestActions } from "../requests/actions";

/** Changes a preference of this computer: shown at once, then saved. */
export function usePreference() {
  const { preferences } = useApp();
  const act = useRequestActions();
  return (part: Partial<Preferences>) => {
    const next = { ...preferences, ...part };
    queries.setQueryData(["preferences"], next);
    act.run(t.settings.title, () => api.savePreferences(next), t.toast.preferences);
  };
}
