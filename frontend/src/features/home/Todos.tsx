import { IconCircleCheck } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Todo } from "../../api/types";
import { todosPerKind, useTodos } from "../../lib/data";
import { numbered } from "../../lib/keys";
import { links } from "../../lib/links";
import { t } from "../../strings/en";
import { SkeletonRows } from "../../ui/SkeletonRows";
import classes from "./Home.module.css";
import { TodoLine } from "./TodoLine";

/** How many are shown at first: the worst. */
const todosShown = 5;

/** What needs the user today. */
export function Todos({ empty }: { empty: boolean }) {
  const todos = useTodos();
  const [all, setAll] = useState(false);
  const list = todos.data ?? [];
  const rest = list.length - todosShown;
  const cut = isCut(list);
  const keys = numbered(list.map(aboutOf));
  return (
    <section className="card" aria-labelledby="todos">
      <h2 id="todos">
        {t.home.todos}
        {list.length > 0 && <span className="count2">{cut ? t.home.atLeast(list.length) : list.length}</span>}
        {rest > 0 && (
          <button type="button" className="link" onClick={() => setAll(!all)} aria-expanded={all}>
            {all ? t.home.less : t.home.more(rest)}
          </button>
        )}
      </h2>
      {todos.isPending && <SkeletonRows rows={3} label={t.loading} />}
      {todos.data && list.length === 0 && (
        <p className={`line mid t2 ${classes.noTodos}`}>
          <IconCircleCheck size={20} stroke={1.75} aria-hidden="true" />
          {empty ? t.home.todosNothing : t.home.todosNone}
        </p>
      )}
      <ul>
        {list.slice(0, all ? list.length : todosShown).map((todo, n) => (
          <TodoLine key={keys[n]} todo={todo} />
        ))}
      </ul>
      {all && cut && (
        <p className="line mid t2">
          {t.home.todosCut(todosPerKind)}
          <Link className="link" {...links.attention}>
            {t.home.todosAll}
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
  return [...counts.values()].some((count) => count >= todosPerKind);
}

/** What a todo is about. */
function aboutOf(todo: Todo): string {
  const of = [
    todo.item?.id,
    todo.recipient?.id,
    todo.entry?.seq,
    todo.device?.id,
    todo.lost?.id,
    todo.sealed?.name,
    todo.cause?.subject,
    todo.webhook,
    todo.domain,
    todo.operator?.at,
    todo.ending?.id,
    todo.user,
  ];
  return [todo.kind, todo.request, ...of].join("/");
}
