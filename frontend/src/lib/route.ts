// Where a person is, as the part of the address behind "#": links work, Back
// works, and a second window of the web build opens the same place.

export type Route =
  | { at: "home" }
  | { at: "requests"; filter: string; open: string }
  | { at: "new" }
  | { at: "edit"; id: string }
  | { at: "send"; id: string }
  | { at: "brand" }
  | { at: "accounts"; search: string; attention: boolean; connect?: string }
  | { at: "campaigns" }
  | { at: "settings"; tab: SettingsTab }
  | { at: "help" };

export const settingsTabs = ["team", "facebook", "notifications", "computer", "data"] as const;
export type SettingsTab = (typeof settingsTabs)[number];

const filters = ["pending", "connected", "attention", "expiring", "archived"];

export function readRoute(hash: string): Route {
  const [path = "", search = ""] = hash.replace(/^#\/?/, "").split("?");
  const words = path.split("/").filter(Boolean).map(decode);
  const values = new URLSearchParams(search);
  switch (words[0]) {
    case "collaboration":
      switch (words[1]) {
        case "settings":
          return { at: "brand" };
        case "new":
          return { at: "new" };
        case "edit":
          return words[2] ? { at: "edit", id: words[2] } : { at: "new" };
        case "send":
          if (words[2]) return { at: "send", id: words[2] };
      }
      {
        const filter = values.get("show") ?? "";
        return { at: "requests", filter: filters.includes(filter) ? filter : "", open: values.get("open") ?? "" };
      }
    case "accounts":
      return {
        at: "accounts",
        search: values.get("find") ?? "",
        attention: values.get("show") === "attention",
        ...(values.get("connect") ? { connect: values.get("connect") ?? "" } : {}),
      };
    case "campaigns":
      return { at: "campaigns" };
    case "settings": {
      const tab = settingsTabs.find((known) => known === words[1]);
      return { at: "settings", tab: tab ?? "team" };
    }
    case "help":
      return { at: "help" };
  }
  return { at: "home" };
}

export function writeRoute(route: Route): string {
  const query = (values: Record<string, string>): string => {
    const kept = Object.entries(values).filter(([, value]) => value !== "");
    return kept.length === 0 ? "" : `?${new URLSearchParams(kept).toString()}`;
  };
  switch (route.at) {
    case "home":
      return "#/";
    case "requests":
      return `#/collaboration${query({ show: route.filter, open: route.open })}`;
    case "new":
      return "#/collaboration/new";
    case "edit":
      return `#/collaboration/edit/${encodeURIComponent(route.id)}`;
    case "send":
      return `#/collaboration/send/${encodeURIComponent(route.id)}`;
    case "brand":
      return "#/collaboration/settings";
    case "accounts":
      return (
        "#/accounts" +
        query({ find: route.search, show: route.attention ? "attention" : "", connect: route.connect ?? "" })
      );
    case "campaigns":
      return "#/campaigns";
    case "settings":
      return `#/settings/${route.tab}`;
    case "help":
      return "#/help";
  }
}

/** Where a notification or a link leads; null: nowhere that is known. */
export function deepLinkToRoute(place: string): Route | null {
  if (place === "accounts") return { at: "accounts", search: "", attention: true };
  if (place === "team") return { at: "settings", tab: "team" };
  const request = /^request\/(.+)$/.exec(place)?.[1];
  return request ? { at: "requests", filter: "", open: request } : null;
}

export const requests: Route = { at: "requests", filter: "", open: "" };
export const accounts: Route = { at: "accounts", search: "", attention: false };

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
