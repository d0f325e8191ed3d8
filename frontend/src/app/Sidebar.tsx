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
import { Link, type LinkProps, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { api } from "../api/client";
import type { SessionView } from "../api/types";
import { useApp } from "../lib/app";
import { useTotals } from "../lib/data";
import { links, settingsLink } from "../lib/links";
import { keysOf } from "../lib/shortcuts";
import { t } from "../strings/en";
import { Avatar } from "../ui/Avatar";
import { Mark } from "../ui/Mark";
import { UpdateLine } from "./UpdateLine";

const pathOnly = { includeSearch: false };

export function Sidebar({ onFind }: { onFind: () => void }) {
  const { session, mac } = useApp();
  const totals = useTotals().data;
  const icon = { size: 18, stroke: 1.75, "aria-hidden": true } as const;
  const link = (to: LinkProps, picture: ReactNode, word: string, count?: ReactNode) => (
    <Link className="nav" {...to} activeOptions={pathOnly} title={word}>
      {picture}
      <span className="word">{word}</span>
      {count}
    </Link>
  );
  const broken = totals?.broken_items ?? 0;
  return (
    <nav className="side" aria-label={t.mainNav}>
      <div className="brandrow">
        <Mark />
        <span>{t.product}</span>
      </div>
      <button type="button" className="findbox" onClick={onFind} title={t.find.label}>
        <IconSearch size={15} stroke={1.75} aria-hidden="true" />
        <span className="nowrap">{t.find.label}</span>
        <span className="sp" />
        <kbd aria-hidden="true">{keysOf("Mod+K", mac).join(mac ? "" : " ")}</kbd>
      </button>
      {link(links.home, <IconHome {...icon} />, t.nav.home)}
      {link(
        links.requests,
        <IconUsersGroup {...icon} />,
        t.nav.collaboration,
        totals && totals.pending > 0 && (
          <span className="count">
            <span aria-hidden="true">{totals.pending.toLocaleString("en-GB")}</span>
            <span className="sr">
              {totals.pending} {t.pending}
            </span>
          </span>
        ),
      )}
      {link(
        links.accounts,
        <IconAddressBook {...icon} />,
        t.nav.accounts,
        broken > 0 && (
          <span className="count fail">
            <i className="reddot" />
            {broken}
            <span className="sr">{t.needsAttention}</span>
          </span>
        ),
      )}
      {link(links.campaigns, <IconSpeakerphone {...icon} />, t.nav.campaigns)}
      {link(
        links.settings,
        <IconSettings {...icon} />,
        t.nav.settings,
        (totals?.devices_to_see ?? 0) > 0 && <span className="count">{totals?.devices_to_see}</span>,
      )}
      <span className="sp" />
      <UpdateLine />
      <SyncLine />
      <Link className="nav low" {...links.help} title={t.nav.help}>
        <IconHelp size={17} stroke={1.75} aria-hidden="true" />
        <span className="word">{t.nav.help}</span>
      </Link>
      <div className="me">
        <Avatar name={session.member} />
        <span style={{ minWidth: 0 }}>
          <b className="trunc">{session.member}</b>
          <span className="t3 trunc" style={{ display: "block" }}>
            {session.agency}
          </span>
        </span>
      </div>
    </nav>
  );
}

function unreachedLine(obstacle: SessionView["obstacle"]): string {
  if (obstacle === "") return t.sync.connecting;
  return obstacle === "silence" ? t.sync.offline : t.sync.unreached;
}

/** In one line, where this computer and its relay stand. */
function SyncLine() {
  const navigate = useNavigate();
  const { session } = useApp();
  const icon = { size: 16, stroke: 1.75, "aria-hidden": true } as const;
  const press = () => {
    if (session.refused > 0) navigate(settingsLink("computer"));
    else void api.sync().catch(() => {}); // the line itself shows what came of it
  };
  let tone = "";
  let picture = <IconCloudCheck {...icon} />;
  let text: string = t.sync.upToDate;
  if (session.refused > 0) {
    tone = " bad";
    picture = <IconAlertTriangle {...icon} />;
    text = t.sync.refused(session.refused);
  } else if (!session.online) {
    tone = " off";
    picture = <IconCloudOff {...icon} />;
    const line = unreachedLine(session.obstacle);
    text = session.waiting > 0 ? t.sync.toSend(line, session.waiting) : line;
  } else if (session.waiting > 0) {
    picture = <IconCloudUp {...icon} />;
    text = t.sync.sending(session.waiting);
  }
  return (
    <button type="button" className={`sync${tone}`} onClick={press} title={t.sync.now}>
      {picture}
      <span role="status">{text}</span>
    </button>
  );
}

export function DemoBand() {
  const { session } = useApp();
  return (
    <aside className="demoband" aria-label={t.demo.label}>
      {t.demo.band}
      {session.mailbox && (
        <a
          href={session.mailbox}
          onClick={(e) => {
            e.preventDefault();
            void api.browse({ address: session.mailbox }).catch(() => {});
          }}
        >
          {t.demo.mailbox}
        </a>
      )}
      {session.control && (
        <a
          href={session.control}
          onClick={(e) => {
            e.preventDefault();
            void api.browse({ address: session.control }).catch(() => {});
          }}
        >
          {t.demo.control}
        </a>
      )}
    </aside>
  );
}
