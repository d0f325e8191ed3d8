// The first screen: join an agency, or explore the demo.
import { IconKey } from "@tabler/icons-react";
import { api } from "../../api/client";
import { useApp, useTitle } from "../../lib/app";
import { queries } from "../../lib/data";
import { keychainReason } from "../../lib/errors";
import { useSubmit } from "../../lib/useSubmit";
import { t } from "../../strings/en";
import { ErrorLine } from "../../ui/ErrorCard";
import { Keychain } from "../keychain/Keychain";
import { DemoCard } from "./DemoCard";
import css from "./FirstRun.module.css";
import { JoinForm } from "./JoinForm";
import { useJoinForm } from "./useJoinForm";
import { Welcome } from "./Welcome";

export function FirstRun() {
  const { session } = useApp();
  useTitle(t.first.join);
  const join = useJoinForm();
  const demo = useSubmit({ call: api.exploreDemo, onSuccess: () => queries.invalidateQueries() });
  const error = join.error ?? demo.error;
  const closed = keychainReason(join.error?.code ?? "");
  if (closed) return <Keychain why={closed} onAgain={join.reset} />;
  const again = session.state === "enrol_again";
  return (
    <div className={css.first}>
      <Welcome />
      <main className={css.right} id="main">
        <div className={css.box}>
          {session.state === "revoked" && (
            <div className={css.revoked} role="status">
              {t.first.revoked(session.detail)}
            </div>
          )}
          <h2>{again ? t.first.enrolAgain : t.first.join}</h2>
          <p className={css.lead}>{again ? t.first.enrolAgainText : t.first.joinLead}</p>
          <JoinForm join={join} disabled={demo.busy}>
            {error && <ErrorLine message={error.message} reference={error.reference} />}
          </JoinForm>
          <p className={css.keys}>
            <IconKey size={15} stroke={1.75} aria-hidden="true" />
            {t.first.keys}
          </p>
          {session.policy.allow_demo && (
            <>
              <div className={css.or}>{t.first.noRelay}</div>
              <DemoCard
                busy={demo.busy}
                disabled={join.busy}
                onClick={() => {
                  join.reset();
                  demo.submit();
                }}
              />
            </>
          )}
        </div>
      </main>
    </div>
  );
}
