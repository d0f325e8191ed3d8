import { IconCircleCheck } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Todo } from "../../api/types";
import { needsOfAKind, useNeeds } from "../../lib/data";
import { numbered } from "../../lib/keys";
import { links } from "../../lib/links";
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
  const cut = isCut(list);
  const keys = numbered(list.map(aboutOf));
  return (
    <section className="card" aria-labelledby="needs">
      <h2 id="needs">
        {t.home.needs}
        {list.length > 0 && <span className="count2">{cut ? t.home.atLeast(list.length) : list.length}</span>}
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
        {list.slice(0, all ? list.length : needsShown).map((need, n) => (
          <NeedLine key={keys[n]} need={need} />
        ))}
      </ul>
      {all && cut && (
        <p className="line mid t2">
          {t.home.needsCut(needsOfAKind)}
          <Link className="link" {...links.attention}>
            {t.home.needsAll}
          </Link>
        </p>
      )}
    </section>
  );
}

/** Whether there may be more of some kind than was read. */
function isCut(list: Todo[]): boolean {
  const counts = new Map<string, number>();
  for (const { kind } of list) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts.values()].some((count) => count >= needsOfAKind);
}

/** What a need is about. */
function aboutOf(need: Todo): string {
  const of = [
    need.item?.id,
    need.recipient?.id,
    need.entry?.seq,
    need.device?.id,
    need.lost?.id,
    need.sealed?.name,
    need.cause?.subject,
    need.webhook,
    need.user,
  ];
  return [need.kind, need.request, ...of].join("/");
}
