import { Button } from "@mantine/core";
import type { ConnectionView } from "../../api/types";
import { useApp } from "../../lib/app";
import { dayOf, daysBetween, shortDay } from "../../lib/dates";
import { t } from "../../strings/en";
import { Avatar } from "../../ui/Avatar";
import { CardRow } from "../../ui/CardRow";
import { StateWord } from "../../ui/StatusPill";
import { causeTitle } from "../accounts/Causes";
import css from "./FacebookUsers.module.css";

/** So many days before a sign-in ends, it stands out. */
const soon = 14;

interface FacebookUserProps {
  connection: ConnectionView;
  onPick: () => void;
  onSignIn: () => void;
  onEnd: () => void;
}

export function FacebookUser({ connection: c, onPick, onSignIn, onEnd }: FacebookUserProps) {
  const { session, now } = useApp();
  return (
    <div>
      <CardRow
        before={<Avatar name={c.user} />}
        title={c.user}
        text={
          <>
            {t.settings.fbBy(c.member, shortDay(c.created))}
            {c.replaced && ` · ${t.settings.fbReplaced}`}
            {c.ends > 0 && !c.cause && !c.replaced && (
              <span className={daysBetween(now, c.ends) < soon ? "wait" : ""}>
                {" "}
                · {t.settings.fbEnds(dayOf(c.ends))}
              </span>
            )}
            {c.cause && <span className="fail"> · {causeTitle(c.cause)}</span>}
            {!c.here && <span className="wait"> · {t.form.notHere}</span>}
          </>
        }
      >
        {c.cause?.fix === "users" && (
          <Button size="xs" variant="filled" onClick={onSignIn} aria-label={t.settings.fbSignInAgain(c.user)}>
            {t.problem.fix.users()}
          </Button>
        )}
        {c.here && (!c.cause || c.cause.fix === "open") && (
          <Button size="xs" onClick={onPick}>
            {t.own.choose}
          </Button>
        )}
        {(c.member_id === session.member_id || session.role === "main") && (
          <Button size="xs" variant="subtle" onClick={onEnd} aria-label={`${t.settings.fbEnd} ${c.user}`}>
            {t.settings.fbEnd}
          </Button>
        )}
      </CardRow>
      {c.businesses.map((b) => (
        <div key={b.id} className={css.business}>
          <span className="trunc grow">{b.name}</span>
          <StateWord of={b.admin ? "connected" : "skipped"}>
            {b.admin ? t.settings.fbAdmin : t.settings.fbNotAdmin}
          </StateWord>
        </div>
      ))}
    </div>
  );
}
