import {
  IconAddressBook,
  IconDownload,
  IconHelp,
  IconHome,
  IconInbox,
  IconPlus,
  type IconProps,
  IconRefresh,
  IconSettings,
  IconSpeakerphone,
  IconUsersGroup,
} from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { type ComponentType, useMemo } from "react";
import { api } from "../../api/client";
import { matchesSearch } from "../../lib/fold";
import { links, settingsLink } from "../../lib/links";
import { blank } from "../../lib/request";
import { t } from "../../strings/en";
import { useRequestActions } from "../requests/actions";

export interface PaletteCommand {
  id: string;
  name: string;
  /** The screen it belongs to. */
  screen: string;
  Icon: ComponentType<IconProps>;
  run: () => void;
}

/** How many commands are offered at most. */
const maxCommands = 5;

/** The commands that match what was typed; a new request is always among them. */
export function useCommands(typed: string): PaletteCommand[] {
  const all = useAllCommands(typed);
  const isOffered = (c: PaletteCommand) => c.id === "new" || matchesSearch(`${c.name} ${c.screen}`, typed);
  return all.filter(isOffered).slice(0, maxCommands);
}

function useAllCommands(typed: string): PaletteCommand[] {
  const navigate = useNavigate();
  const act = useRequestActions();
  return useMemo(() => {
    const rows: [string, string, string, ComponentType<IconProps>, () => unknown][] = [
      [
        "new",
        t.request,
        typed ? t.find.forClient(typed) : "",
        IconPlus,
        () => api.saveDraft({ ...blank, client: typed }).then(() => navigate(links.newRequest)),
      ],
      ["home", t.nav.home, "", IconHome, () => navigate(links.home)],
      ["requests", t.tabs.requests, t.collaboration, IconInbox, () => navigate(links.requests)],
      ["attention", t.totals.attention, t.tabs.requests, IconInbox, () => navigate(links.attention)],
      ["awaited", t.totals.awaited, t.tabs.requests, IconInbox, () => navigate(links.awaited)],
      ["accounts", t.nav.accounts, "", IconAddressBook, () => navigate(links.accounts)],
      ["campaign", t.campaigns.title, t.nav.campaigns, IconSpeakerphone, () => navigate(links.campaigns)],
      ["brand", t.brand.whitelabel, t.tabs.settings, IconUsersGroup, () => navigate(links.brand)],
      ["share", t.brand.share, t.tabs.settings, IconUsersGroup, () => navigate(links.brand)],
      ["team", t.settings.invite, t.nav.settings, IconSettings, () => navigate(settingsLink("team"))],
      ["fb", t.settings.fbConnect, t.nav.settings, IconSettings, () => navigate(settingsLink("facebook"))],
      ["computer", t.settings.computer, t.nav.settings, IconSettings, () => navigate(settingsLink("computer"))],
      [
        "check",
        t.accounts.checkAll,
        t.nav.accounts,
        IconRefresh,
        () => act.run(t.accounts.checkAll, () => api.checkNow({ items: [] }), t.toast.checked),
      ],
      ["export", t.accounts.export, t.nav.accounts, IconDownload, () => navigate(links.accounts)],
      ["help", t.nav.help, "", IconHelp, () => navigate(links.help)],
    ];
    return rows.map(([id, name, screen, Icon, run]) => ({ id, name, screen, Icon, run: () => void run() }));
  }, [typed, act, navigate]);
}
