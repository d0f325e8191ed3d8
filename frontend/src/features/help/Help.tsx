import { api } from "../../api/client";
import { useRelay } from "../../lib/data";
import { keysOf } from "../../lib/keys";
import { useShell, useTitle } from "../../lib/shell";
import { w } from "../../strings/en";
import { Keys } from "../../ui/basics";
import { Mark } from "../../ui/Mark";

export function Help() {
  useTitle(w.help.title);
  const relay = useRelay();
  const { mac, standing, preferences } = useShell();
  const contact = relay.data?.contact ?? "";
  return (
    <>
      <div className="head spaced">
        <h1>{w.help.title}</h1>
        <span className="t3" style={{ fontSize: 13.5, paddingTop: 3 }}>
          {w.help.lead}
        </span>
      </div>
      <div className="ground" tabIndex={0}>
        <div className="home2">
          <div>
            <section className="card" aria-labelledby="how">
              <h2 id="how">{w.help.how}</h2>
              <ol className="in t2" style={{ listStyle: "decimal", paddingLeft: 34, display: "grid", gap: 6 }}>
                {w.help.steps.map((step) => (
                  <li key={step}>{step}</li>
                ))}
              </ol>
            </section>
            <section className="card" aria-labelledby="operator">
              <h2 id="operator">{w.help.operator}</h2>
              <div className="in">
                <p className="t2">
                  {relay.data?.operator ? w.help.operatorText(relay.data.operator) : w.help.noOperator}
                </p>
                {contact && (
                  <p style={{ marginTop: 8 }}>
                    {w.help.contact}:{" "}
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
                {w.help.about}
              </h2>
              <p className="in t2">
                {w.help.aboutText} {w.first.version(standing.version)}.
              </p>
            </section>
          </div>
          <div>
            <section className="card" aria-labelledby="keys">
              <h2 id="keys">{w.help.keys}</h2>
              <dl
                className="in"
                style={{ display: "grid", gridTemplateColumns: "90px minmax(0,1fr)", gap: "8px 10px" }}
              >
                {w.help.keysList
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
