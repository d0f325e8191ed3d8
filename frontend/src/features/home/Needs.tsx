import { IconCircleCheck } from "@tabler/icons-react";
import { useState } from "react";
import type { Todo } from "../../api/types";
import { useNeeds } from "../../lib/data";
import { t } from "../../strings/en";
import { SkeletonRows } from "../../ui/SkeletonRows";
import classes from "./Home.module.css";
import { NeedLine } from "./NeedLine";

/** How many are shown at first: the worst. */
const needsShown = 5;

/** What needs the user today. */
export function Needs({ empty }: { empty: boolean }) {
  const needs = useNeeds();
  const [all, setAll] = useState(false);
  const list = needs.data ?? [];
  const rest = list.length - needsShown;
  return (
    <section className="card" aria-labelledby="needs">
      <h2 id="needs">
        {t.home.needs}
        {list.length > 0 && <span className="count2">{list.length}</span>}
        {rest > 0 && (
          <button type="button" className="link" onClick={() => setAll(!all)} aria-expanded={all}>
            {all ? t.home.less : t.home.more(rest)}
          </button>
        )}
      </h2>
      {needs.isPending && <SkeletonRows rows={3} label={t.loading} />}
      {needs.data && list.length === 0 && (
        <p className={`line mid t2 ${classes.noNeeds}`}>
          <IconCircleCheck size={20} stroke={1.75} aria-hidden="true" />
          {empty ? t.home.needsNothing : t.home.needsNone}
        </p>
      )}
      <ul>
        {list.slice(0, all ? list.length : needsShown).map((need) => (
          <NeedLine key={keyOf(need)} need={need} />
        ))}
      </ul>
    </section>
  );
}

/** What a need is about; no two of them have it in common. */
function keyOf(need: Todo): string {
  const of = need.item?.id ?? need.recipient?.id ?? need.entry?.seq ?? need.device?.id ?? need.lost?.id ?? need.user;
  return [need.kind, need.request, of].join("/");
}
