import type { Role } from "../../api/enums";
import { t } from "../../strings/en";
import css from "./RolePill.module.css";

export function RolePill({ role }: { role: Role }) {
  return (
    <span className={css.role} data-role={role}>
      {role === "main" ? t.settings.main : t.settings.sub}
    </span>
  );
}
