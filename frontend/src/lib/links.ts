// Where the screens lead, by name.
import { type HistoryState, linkOptions } from "@tanstack/react-router";
import type { SettingsTab } from "./search";

declare module "@tanstack/react-router" {
  /** How somebody came to a screen, which is not in its address. */
  interface HistoryState {
    /** The request has been saved just now. */
    saved?: boolean;
    /** A request that is asked again: its recipients get the new one. */
    again?: string;
    /** Addresses that the list of recipients begins with. */
    to?: string[];
    /** Addresses that an email did not reach, to be corrected. */
    correct?: string[];
    /** One of the agency's own users is to sign in. */
    signIn?: boolean;
  }
}

export const links = {
  home: linkOptions({ to: "/" }),
  requests: linkOptions({ to: "/collaboration" }),
  attention: linkOptions({ to: "/collaboration", search: { show: "attention" } }),
  awaited: linkOptions({ to: "/collaboration", search: { show: "awaited" } }),
  newRequest: linkOptions({ to: "/collaboration/new" }),
  brand: linkOptions({ to: "/collaboration/settings" }),
  accounts: linkOptions({ to: "/accounts" }),
  campaigns: linkOptions({ to: "/campaigns" }),
  settings: linkOptions({ to: "/settings" }),
  help: linkOptions({ to: "/help" }),
};

/** A new request, with whom it goes to. */
export const requestTo = (address: string) => linkOptions({ to: "/collaboration/new", state: { to: [address] } });
export const requestLink = (id: string) => linkOptions({ to: "/collaboration", search: { open: id } });
export const editLink = (id: string) => linkOptions({ to: "/collaboration/edit/$id", params: { id } });
export const sendLink = (id: string, state: HistoryState = {}) =>
  linkOptions({ to: "/collaboration/send/$id", params: { id }, state });
/** Where the client of a request is ended. */
export const endClientLink = (request: string) =>
  linkOptions({ to: "/collaboration/end/$id", params: { id: request } });
/** The end of a client, and its report. */
export const offboardingLink = (id: string) => linkOptions({ to: "/collaboration/ended/$id", params: { id } });
export const accountLink = (name: string) => linkOptions({ to: "/accounts", search: { find: name } });
export const settingsLink = (tab: SettingsTab) => linkOptions({ to: "/settings/$tab", params: { tab } });

/** The agency's own users at Facebook, with the dialog that signs one in. */
export const signInLink = linkOptions({
  to: "/settings/$tab",
  params: { tab: "facebook" },
  state: { signIn: true },
});

/** Where a notification or a latchkey:// link leads; null: nowhere that is known. */
export function deepLinkToRoute(link: string) {
  if (link === "accounts") return linkOptions({ to: "/accounts", search: { show: "attention" } });
  if (link === "facebook") return settingsLink("facebook");
  if (link === "home") return linkOptions({ to: "/" });
  if (link === "team") return settingsLink("team");
  const request = /^request\/(.+)$/.exec(link)?.[1];
  return request ? requestLink(request) : null;
}
