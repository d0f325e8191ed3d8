import { api } from "../../api/client";
import { useRelay } from "../../lib/data";
import { keysOf } from "../../lib/keys";
import { useApp, useTitle } from "../../lib/shell";
import { t } from "../../strings/en";
import { Keys } from "../../ui/basics";
import { Mark } from "../../ui/Mark";

export function Help() {
  useTitle(t.help.title);
  const relay = useRelay();
  const { mac, session, preferences } = useApp();
  const contact = relay.data?.contact ?? "";
  return (
    <>
      <div className="head spaced">
        <h1>{t.help.title}</h1>
        <span className="t3" style={{ fontSize: 13.5, paddingTop: 3 }}>
          {t.help.lead}
        </span>
      </div>
      <div className="ground" tabIndex={0}>
        <div className="home2">
          <div>
            <section className="card" aria-labelledby="how">
              <h2 id="how">{t.help.how}</h2>
              <ol className="in t2" style={{ listStyle: "decimal", paddingLeft: 34, display: "grid", gap: 6 }}>
                {t.help.steps.map((step) => (
                  <li key={step}>{step}</li>
                ))}
              </ol>
            </section>
            <section className="card" aria-labelledby="operator">
              <h2 id="operator">{t.help.operator}</h2>
              <div className="in">
                <p className="t2">
                  {relay.data?.operator ? t.help.operatorText(relay.data.operator) : t.help.noOperator}
                </p>
                {contact && (
                  <p style={{ marginTop: 8 }}>
                    {t.help.contact}:{" "}
                    {contact.startsWith("https://") ? (
                      <button
                        type="button"
                        className="link"
                        onClick={() => void api.browse({ address: contact }).catch(() => {})}
                      >
                        {contact}
                      </button>
                    ) : (
                      <b style={{ fontWeight: 550 }}>{contact}</b>
                    )}
                  </p>
                )}
              </div>
            </section>
            <section className="card" aria-labelledby="about">
              <h2 id="about">
                <Mark size={20} />
                {t.help.about}
              </h2>
              <p className="in t2">
                {t.help.aboutText} {t.first.version(session.version)}.
              </p>
            </section>
          </div>
          <div>
            <section className="card" aria-labelledby="keys">
              <h2 id="keys">{t.help.keys}</h2>
              <dl
                className="in"
                style={{ display: "grid", gridTemplateColumns: "90px minmax(0,1fr)", gap: "8px 10px" }}
              >
                {t.help.keysList
                  .filter(([keys]) => preferences.single_keys || !/^[N/]$/.test(keys))
                  .map(([keys, does]) => (
                    <div key={keys} style={{ display: "contents" }}>
                      <dt>
                        <Keys keys={keysOf(keys, mac)} />
                        <span className="sr">{keys}</span>
                      </dt>
                      <dd className="t2">{does}</dd>
                    </div>
                  ))}
              </dl>
            </section>
          </div>
        </div>
      </div>
    </>
  );
}
