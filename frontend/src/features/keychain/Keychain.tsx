// The whole window when the system's keychain does not open: why, what to do,
// what is safe. What the system said is for the details that are copied.
import { Button, Card } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { api } from "../../api/client";
import type { KeychainReason } from "../../api/enums";
import { useApp, useTitle } from "../../lib/app";
import { copyText } from "../../lib/clipboard";
import { queries } from "../../lib/data";
import { useSubmit } from "../../lib/useSubmit";
import { t } from "../../strings/en";
import { BusyButton } from "../../ui/BusyButton";
import { Mark } from "../../ui/Mark";
import css from "./Keychain.module.css";
import { KeychainSafety } from "./KeychainSafety";
import { KeychainWays } from "./KeychainWays";
import { useUnlock } from "./useUnlock";

/** After a start the hub reports why; while joining the caller does, and takes Try again. */
export function Keychain({ why, onAgain }: { why?: KeychainReason; onAgain?: () => void }) {
  const { session } = useApp();
  const reason = why ?? session.keychain;
  const unlock = useUnlock();
  const again = onAgain ?? unlock.submit;
  const demo = useSubmit({ call: api.exploreDemo, onSuccess: () => void queries.invalidateQueries() });
  const still = unlock.still || demo.error?.message;
  const mayUnlock = reason === "locked" || reason === "";
  const details = [`Latchkey ${session.version}`, t.keychain.title, t.keychain.why[reason], session.detail];
  useTitle(t.keychain.title);
  return (
    <div className={css.window}>
      <div className={css.top}>
        <Mark />
        {t.product}
      </div>
      <main className={css.main} id="main">
        <Card className={css.card}>
          <div className={css.what}>
            <span className={`icontile w big ${css.icon}`}>
              <IconLock size={24} stroke={1.75} aria-hidden="true" />
            </span>
            <h1>{t.keychain.title}</h1>
            <p className={css.why} role="alert">
              {t.keychain.text} <b>{t.keychain.why[reason]}</b>
            </p>
            <KeychainWays reason={reason} />
            {still && (
              <p className={css.still} role="alert">
                {still}
              </p>
            )}
            <div className={css.actions}>
              {mayUnlock && (
                <BusyButton variant="filled" onClick={() => again()} busy={unlock.busy}>
                  {t.keychain.unlock}
                </BusyButton>
              )}
              <Button variant={mayUnlock ? "default" : "filled"} onClick={() => again()}>
                {t.tryAgain}
              </Button>
              <span className="sp" />
              <Button variant="subtle" onClick={() => void copyText(details.filter(Boolean).join("\n"))}>
                {t.copyDetails}
              </Button>
            </div>
          </div>
          <KeychainSafety joins={onAgain !== undefined} />
        </Card>
        {session.policy.allow_demo && (
          <p className={css.looking}>
            {t.keychain.looking}{" "}
            <button type="button" className="link" onClick={() => demo.submit()} disabled={demo.busy || unlock.busy}>
              {t.first.demo}
            </button>
            . {t.keychain.forgets}
          </p>
        )}
      </main>
    </div>
  );
}
