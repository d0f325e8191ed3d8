// The whole window when the system's keychain does not open: why, what to do,
// what is safe. What the system said is for the details that are copied.
import { notifications } from "@mantine/notifications";
import { IconCheck, IconCopy, IconLock, IconMinus } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "../../api/client";
import type { KeychainReason } from "../../api/enums";
import { queries } from "../../lib/data";
import { toUiError } from "../../lib/errors";
import { useApp, useTitle } from "../../lib/shell";
import { t } from "../../strings/en";
import { Spinner } from "../../ui/basics";
import { Mark } from "../../ui/Mark";

/** After a start the hub says why; while joining the caller does, and takes Try again. */
export function Keychain({ why, onAgain }: { why?: KeychainReason; onAgain?: () => void }) {
  const { session } = useApp();
  const because = why ?? session.keychain;
  const reason = t.keychain.why[because];
  // Where the reason is not known, each of them is named.
  const known = because !== "";
  useTitle(t.keychain.title);
  const [busy, setBusy] = useState<"" | "again" | "demo">("");
  const [still, setStill] = useState("");
  const again = () => {
    if (onAgain) return onAgain();
    setBusy("again");
    setStill("");
    api
      .sync()
      .then(
        () => {},
        (cause: unknown) => setStill(toUiError(cause).code === "unavailable" ? "" : t.keychain.still),
      )
      .finally(() => {
        setBusy("");
        void queries.invalidateQueries({ queryKey: ["session"] });
      });
  };
  const demo = () => {
    setBusy("demo");
    api.exploreDemo().then(
      () => void queries.invalidateQueries(),
      (cause: unknown) => {
        setStill(toUiError(cause).sentence);
        setBusy("");
      },
    );
  };
  const copy = (text: string) => void api.copy({ text }).then(() => notifications.show({ message: t.copied }));
  return (
    <div className="alone">
      <div className="top">
        <Mark />
        {t.product}
      </div>
      <main className="mid-box" id="main">
        <div className="card grid">
          <div className="a">
            <span className="icontile w big" style={{ marginBottom: 16 }}>
              <IconLock size={24} stroke={1.75} aria-hidden="true" />
            </span>
            <h1>{t.keychain.title}</h1>
            <p className="t2" style={{ fontSize: 14.5, lineHeight: "22px", marginTop: 8 }} role="alert">
              {t.keychain.text} <b style={{ fontWeight: 550, color: "var(--lk-text)" }}>{reason}</b>
            </p>
            {!known && (
              <ol className="ways">
                <li>
                  <b>{t.keychain.locked}</b>
                  <br />
                  <span className="t2">{t.keychain.lockedText}</span>
                </li>
                <li>
                  <b>{t.keychain.denied}</b>
                  <br />
                  <span className="t2">{t.keychain.deniedText}</span>
                </li>
              </ol>
            )}
            {(because === "absent" || !known) && session.platform === "linux" && (
              <ol className="ways">
                <li>
                  <b>{known ? t.keychain.get : t.keychain.none}</b>
                  <br />
                  <span className="t2">{t.keychain.noneText}</span>
                  <div className="command">
                    {t.keychain.command}
                    <span className="sp" />
                    <button
                      type="button"
                      className="btn small icon"
                      aria-label={t.copy}
                      onClick={() => copy(t.keychain.command)}
                    >
                      <IconCopy size={16} stroke={1.75} aria-hidden="true" />
                    </button>
                  </div>
                </li>
              </ol>
            )}
            {still && (
              <p className="hint fail" role="alert" style={{ marginTop: 14 }}>
                {still}
              </p>
            )}
            <div className="row gap8" style={{ marginTop: 24 }}>
              {(because === "locked" || !known) && (
                <button type="button" className="btn primary" onClick={again} aria-busy={busy === "again"}>
                  {busy === "again" && <Spinner />}
                  {t.keychain.unlock}
                </button>
              )}
              <button type="button" className={because === "locked" || !known ? "btn" : "btn primary"} onClick={again}>
                {t.tryAgain}
              </button>
              <span className="sp" />
              <button
                type="button"
                className="btn quiet"
                onClick={() =>
                  copy(
                    [`Latchkey ${session.version}`, t.keychain.title, reason, session.detail]
                      .filter(Boolean)
                      .join("\n"),
                  )
                }
              >
                {t.copyDetails}
              </button>
            </div>
          </div>
          <div className="z">
            <h2>{t.keychain.safe}</h2>
            <ul>
              {t.keychain.safeList.map((line) => (
                <li key={line}>
                  <IconCheck
                    size={17}
                    stroke={1.75}
                    aria-hidden="true"
                    style={{ color: "var(--lk-connected)", marginTop: 1 }}
                  />
                  <span>{line}</span>
                </li>
              ))}
            </ul>
            <h2 style={{ marginTop: 18 }}>{t.keychain.until}</h2>
            <ul>
              {t.keychain.untilList.map((line) => (
                <li key={line}>
                  <IconMinus
                    size={17}
                    stroke={1.75}
                    aria-hidden="true"
                    style={{ color: "var(--lk-text-3)", marginTop: 1 }}
                  />
                  <span>{line}</span>
                </li>
              ))}
            </ul>
            <p className="t3 small" style={{ marginTop: 20, paddingTop: 14, borderTop: "1px solid var(--lk-line)" }}>
              {t.keychain.help}
            </p>
          </div>
        </div>
        <p className="t3 mid" style={{ textAlign: "center", marginTop: 18 }}>
          {t.keychain.looking}{" "}
          <button type="button" className="link" onClick={demo} disabled={busy !== ""}>
            {t.first.demo}
          </button>
          . {t.keychain.forgets}
        </p>
      </main>
    </div>
  );
}
