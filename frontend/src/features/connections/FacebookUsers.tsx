import { IconBrandFacebook, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "../../api/client";
import type { ConnectionView } from "../../api/types";
import { queries, useConnections } from "../../lib/data";
import { dayOf, shortDay } from "../../lib/dates";
import { useApp } from "../../lib/shell";
import { t } from "../../strings/en";
import { Avatar, Empty } from "../../ui/basics";
import { DangerDialog } from "../../ui/DangerDialog";
import { StateWord } from "../../ui/StatusPill";
import { useRequestActions } from "../requests/actions";
import { PickDialog } from "./ConnectAccount";
import { ConnectDialog } from "./Facebook";

export function FacebookUsers() {
  const connections = useConnections();
  const { session, now } = useApp();
  const act = useRequestActions();
  const [connecting, setConnecting] = useState(false);
  const [picking, setPicking] = useState("");
  const [ending, setEnding] = useState<ConnectionView | null>(null);
  const users = connections.data?.filter((c) => c.platform === "meta") ?? [];
  const connect = (
    <button type="button" className="btn primary" onClick={() => setConnecting(true)}>
      <IconPlus size={16} stroke={1.75} aria-hidden="true" />
      {t.settings.fbConnect}
    </button>
  );
  return (
    <>
      <div className="settings-col">
        <section className="card" aria-labelledby="facebook">
          <h2 id="facebook">
            {t.settings.fbTitle}
            <span className="sp" />
          </h2>
          {users.length === 0 ? (
            <Empty icon={<IconBrandFacebook size={24} stroke={1.75} />} title={t.settings.fbNone} actions={connect}>
              {t.settings.fbText}
            </Empty>
          ) : (
            <div className="in row gap12">
              <span className="t2" style={{ flex: 1 }}>
                {t.settings.fbText}
              </span>
              {connect}
            </div>
          )}
          {users.map((c) => (
            <div key={c.id}>
              <div className="member">
                <Avatar name={c.user} />
                <span className="two" style={{ flex: 1 }}>
                  <b>{c.user}</b>
                  <span className="l2">
                    {t.settings.fbBy(c.member, shortDay(c.created))}
                    {c.ends > 0 && (
                      <span className={c.ends - now < 14 * 86_400_000 ? "wait" : ""}>
                        {" "}
                        · {t.settings.fbEnds(dayOf(c.ends))}
                      </span>
                    )}
                    {!c.here && <span className="wait"> · {t.form.notHere}</span>}
                  </span>
                </span>
                {c.here && (
                  <button type="button" className="btn small" onClick={() => setPicking(c.id)}>
                    {t.own.choose}
                  </button>
                )}
                {(c.member_id === session.member_id || session.role === "main") && (
                  <button
                    type="button"
                    className="btn small quiet"
                    onClick={() => setEnding(c)}
                    aria-label={`${t.settings.fbEnd} ${c.user}`}
                  >
                    {t.settings.fbEnd}
                  </button>
                )}
              </div>
              {c.businesses.map((b) => (
                <div
                  key={b.id}
                  className="row"
                  style={{
                    minHeight: 33,
                    padding: "0 16px 0 58px",
                    fontSize: 13,
                    borderTop: "1px solid var(--lk-line-2)",
                    gap: 10,
                  }}
                >
                  <span className="trunc" style={{ flex: 1 }}>
                    {b.name}
                  </span>
                  {b.admin ? (
                    <StateWord of="connected">{t.settings.fbAdmin}</StateWord>
                  ) : (
                    <StateWord of="skipped">{t.settings.fbNotAdmin}</StateWord>
                  )}
                </div>
              ))}
            </div>
          ))}
        </section>
      </div>
      <ConnectDialog
        platform="meta"
        open={connecting}
        onClose={() => setConnecting(false)}
        onDone={(c) => setTimeout(() => setPicking(c.id), 0)}
      />
      {picking && <PickDialog first={picking} users={users} onClose={() => setPicking("")} />}
      {ending && (
        <DangerDialog
          title={t.settings.fbEndTitle(ending.user)}
          words={t}
          yes={t.settings.fbEnd}
          onYes={() =>
            act.run(
              t.settings.fbEnd,
              () =>
                api
                  .endConnection({ id: ending.id })
                  .then(() => queries.invalidateQueries({ queryKey: ["connections"] })),
              t.toast.disconnected,
            )
          }
          onClose={() => setEnding(null)}
        >
          <p className="t2">{t.settings.fbEndText}</p>
        </DangerDialog>
      )}
    </>
  );
}
