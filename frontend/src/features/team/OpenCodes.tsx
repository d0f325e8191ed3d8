import { IconKey } from "@tabler/icons-react";
import type { Member, OpenCode } from "../../api/types";
import { useApp } from "../../lib/app";
import { exact, until } from "../../lib/dates";
import { t } from "../../strings/en";
import { TitledCard } from "../../ui/TitledCard";
import { WithdrawCode } from "./Code";
import { nameOf } from "./names";
import css from "./SideList.module.css";

interface OpenCodesProps {
  codes: OpenCode[];
  members: Member[];
  /** Another code is in sight above. */
  others: boolean;
}

/** Codes that may still be used. */
export function OpenCodes({ codes, members, others }: OpenCodesProps) {
  const { session, now } = useApp();
  if (codes.length === 0) return null;
  return (
    <TitledCard title={others ? t.settings.codesOther : t.settings.codesOpen} count={codes.length}>
      <ul className={css.list}>
        {codes.map((c) => {
          const own = c.member === session.member_id;
          const name = nameOf(members, c.member);
          const title = own ? t.settings.codeOwn : t.settings.codeFor(name);
          return (
            <li key={c.id}>
              <IconKey size={16} stroke={1.75} aria-hidden="true" className={css.icon} />
              <span className="two grow">
                <b title={title}>{own ? t.settings.ownComputer : name}</b>
                <span className="l2" title={exact(c.until)}>
                  {t.settings.worksUntil(until(c.until, now))}
                </span>
              </span>
              <WithdrawCode id={c.id} title={title} end={c.until} />
            </li>
          );
        })}
      </ul>
    </TitledCard>
  );
}
