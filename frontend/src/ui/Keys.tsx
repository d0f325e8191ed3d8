import css from "./Keys.module.css";

/** The keys of a shortcut, where the action is. Decoration: a screen reader hears the action. */
export function Keys({ keys }: { keys: readonly string[] }) {
  return (
    <span aria-hidden="true" className={css.keys}>
      {keys.map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  );
}
