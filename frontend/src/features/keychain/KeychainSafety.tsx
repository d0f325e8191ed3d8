import { IconCheck, IconMinus } from "@tabler/icons-react";
import { t } from "../../strings/en";
import css from "./Keychain.module.css";

/** What is safe, of a computer that joins an agency or is in one, and what rests until the keychain opens. */
export function KeychainSafety({ joins }: { joins: boolean }) {
  return (
    <div className={css.safety}>
      <h2>{t.keychain.safe}</h2>
      <ul>
        {(joins ? t.keychain.safeJoining : t.keychain.safeList).map((line) => (
          <li key={line}>
            <IconCheck size={17} stroke={1.75} aria-hidden="true" className={css.safe} />
            <span>{line}</span>
          </li>
        ))}
      </ul>
      <h2>{t.keychain.until}</h2>
      <ul>
        {(joins ? t.keychain.untilJoining : t.keychain.untilList).map((line) => (
          <li key={line}>
            <IconMinus size={17} stroke={1.75} aria-hidden="true" className={css.rests} />
            <span>{line}</span>
          </li>
        ))}
      </ul>
      <p className={css.help}>{t.keychain.help}</p>
    </div>
  );
}
