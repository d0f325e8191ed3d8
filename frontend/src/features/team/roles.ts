import { t } from "../../strings/en";

/** The roles, to choose from. */
export const roles = [
  { value: "sub", label: t.settings.subUser },
  { value: "main", label: t.settings.mainUser },
];
