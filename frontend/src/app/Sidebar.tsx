import {
  IconAddressBook,
  IconAlertTriangle,
  IconCloudCheck,
  IconCloudOff,
  IconCloudUp,
  IconHelp,
  IconHome,
  IconSearch,
  IconSettings,
  IconSpeakerphone,
  IconUsersGroup,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { api } from "../api/client";
import { useTotals } from "../lib/data";
import { keysOf } from "../lib/keys";
import { accounts, type Route, requests, writeRoute } from "../lib/route";
import { go, useShell } from "../lib/shell";
import { w } from "../strings/en";
import { Avatar } from "../ui/basics";
import { Mark } from "../ui/Mark";

const collaboration = new Set<Route["at"]>(["requests", "new", "edit", "send", "brand"]);

export function Sidebar({ route, onFind }: { route: Route; onFind: () => void }) {
  const { standing, mac } = useShell();
  const totals = useTotals().data;
  const icon = { size: 18, stroke: 1.75, "aria-hidden": true } as const;
  const link = (to: Route, here: boolean, picture: ReactNode, word: string, count?: ReactNode) => (
    <a className="nav" href={writeRoute(to)} aria-current={here ? "page" : undefined} title={word}>
      {picture}
      <span className="word">{word}</span>
      {count}
    </a>
  );
  const broken = totals?.broken_items ?? 0;
  return (
    <nav className="side" aria-label={w.mainNav}>
      <div className="brandrow">
        <Mark />
        <span>{w.product}</span>
      </div>
      <button type="button" className="findbox" onClick={onFind} title={w.find.label}>
        <IconSearch size={15} stroke={1.75} aria-hidden="true" />
        <span className="nowrap">{w.find.label}</span>
        <span className="sp" />
        <kbd aria-hidden="true">{keysOf("Mod+K", mac).join(mac ? "" : " ")}</kbd>
      </button>
      {link({ at: "home" }, route.at === "home", <IconHome {...icon} />, w.nav.home)}
      {link(
        requests,
        collaboration.has(route.at),
        <IconUsersGroup {...icon} />,
        w.nav.collaboration,
        totals && totals.pending > 0 && (
          <span className="count">
            <span aria-hidden="true">{totals.pending.toLocaleString("en-GB")}</span>
            <span className="sr">
              {totals.pending} {w.pending}
            </span>
          </span>
        ),
      )}
      {link(
        accounts,
        route.at === "accounts",
        <IconAddressBook {...icon} />,
        w.nav.accounts,
        broken > 0 && (
          <span className="count fail">
            <i className="reddot" />
            {broken}
            <span className="sr">{w.needsAttention}</span>
          </span>
        ),
      )}
      {link({ at: "campaigns" }, route.at === "campaigns", <IconSpeakerphone {...icon} />, w.nav.campaigns)}
      {link(
        { at: "settings", tab: "team" },
        route.at === "settings",
        <IconSettings {...icon} />,
        w.nav.settings,
        (totals?.devices_to_see ?? 0) > 0 && <span className="count">{totals?.devices_to_see}</span>,
      )}
      <span className="sp" />
      <SyncLine />
      <a
        className="nav low"
        href={writeRoute({ at: "help" })}
        title={w.nav.help}
        aria-current={route.at === "help" ? "page" : undefined}
      >
        <IconHelp size={17} stroke={1.75} aria-hidden="true" />
        <span className="word">{w.nav.help}</span>
      </a>
      <div className="me">
        <Avatar name={standing.member} />
        <span style={{ minWidth: 0 }}>
          <b className="trunc">{standing.member}</b>
          <span className="t3 trunc" style={{ display: "block" }}>
            {standing.agency}
          </span>
        </span>
      </div>
    </nav>
  );
}

/** In one line, where this computer and its relay stand. */
function SyncLine() {
  const { standing } = useShell();
  const icon = { size: 16, stroke: 1.75, "aria-hidden": true } as const;
  const press = () => {
    if (standing.refused > 0) go({ at: "settings", tab: "computer" });
    else void api.sync().catch(() => {}); // the line itself says what came of it
  };
  let tone = "";
  let picture = <IconCloudCheck {...icon} />;
  let text: string = w.sync.upToDate;
  if (standing.refused > 0) {
    tone = " bad";
    picture = <IconAlertTriangle {...icon} />;
    text = w.sync.refused(standing.refused);
  } else if (!standing.online) {
    tone = " off";
    picture = <IconCloudOff {...icon} />;
    text = standing.waiting > 0 ? w.sync.offlineSend(standing.waiting) : w.sync.offline;
  } else if (standing.waiting > 0) {
    picture = <IconCloudUp {...icon} />;
    text = w.sync.sending(standing.waiting);
  }
  return (
    <button type="button" className={`sync${tone}`} onClick={press} title={w.sync.now}>
      {picture}
      <span role="status">{text}</span>
    </button>
  );
}

export function DemoBand() {
  const { standing } = useShell();
  return (
    <aside className="demoband" aria-label={w.demo.label}>
      {w.demo.band}
      {standing.mailbox && (
        <a
          href={standing.mailbox}
          onClick={(e) => {
            e.preventDefault();
            void api.browse({ address: standing.mailbox }).catch(() => {});
          }}
        >
          {w.demo.mailbox}
        </a>
      )}
      {standing.control && (
        <a
          href={standing.control}
          onClick={(e) => {
            e.preventDefault();
            void api.browse({ address: standing.control }).catch(() => {});
          }}
        >
          {w.demo.control}
        </a>
      )}
    </aside>
  );
}
