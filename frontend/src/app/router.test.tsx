// @vitest-environment jsdom
import { createMemoryHistory, type RegisteredRouter } from "@tanstack/react-router";
import { screen, waitFor } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { accountLink, deepLinkToRoute, editLink, links, requestLink, sendLink, settingsLink } from "../lib/links";
import { t } from "../strings/en";
import { bridge } from "../testing/bridge";
import { renderRouter } from "../testing/render";
import { createAppRouter } from "./router";

/** Opens an address and gives what is shown there: the path, its params and its search. */
async function open(address: string) {
  const router = createAppRouter(createMemoryHistory({ initialEntries: [address] }));
  await router.load();
  const match = router.state.matches.at(-1);
  const search = Object.entries(match?.search ?? {}).filter(([, value]) => value !== undefined);
  return { route: match?.routeId as string, params: match?.params, search: Object.fromEntries(search) };
}

describe("an address", () => {
  it.each([
    ["/", "/", {}, {}],
    ["/collaboration", "/collaboration", {}, {}],
    ["/collaboration?show=attention&open=ABC", "/collaboration", {}, { show: "attention", open: "ABC" }],
    ["/collaboration/new", "/collaboration/new", {}, {}],
    ["/collaboration/edit/A%2FB", "/collaboration/edit/$id", { id: "A/B" }, {}],
    ["/collaboration/send/X", "/collaboration/send/$id", { id: "X" }, {}],
    ["/collaboration/settings", "/collaboration/settings", {}, {}],
    ["/accounts?find=fjord+%26+co&show=attention", "/accounts", {}, { find: "fjord & co", show: "attention" }],
    ["/accounts?find=123", "/accounts", {}, { find: "123" }],
    ["/accounts?connect=meta", "/accounts", {}, { connect: "meta" }],
    ["/campaigns", "/campaigns", {}, {}],
    ["/settings/facebook", "/settings/$tab", { tab: "facebook" }, {}],
    ["/help", "/help", {}, {}],
  ])("%s is a screen", async (address, route, params, search) => {
    expect(await open(address)).toMatchObject({ route, params, search });
  });

  it("keeps what narrows and sorts a list", async () => {
    const address = "/collaboration?find=fjord&service=facebook&days=30&sort=client&order=asc";
    const search = { find: "fjord", service: "facebook", days: 30, sort: "client", order: "asc" };
    expect(await open(address)).toMatchObject({ route: "/collaboration", search });
    expect((await open("/accounts?platform=meta&managed=no&sort=check&order=desc")).search).toEqual({
      platform: "meta",
      managed: "no",
      sort: "check",
      order: "desc",
    });
  });

  it("leaves out what it does not know", async () => {
    const unknown = "/collaboration?show=everything&service=fax&days=31&sort=colour&order=up&x=1";
    expect(await open(unknown)).toMatchObject({ route: "/collaboration", search: {} });
    expect((await open("/accounts?show=pending&platform=fax&managed=maybe")).search).toEqual({});
  });

  it.each([
    ["/settings", "/settings/$tab"],
    ["/settings/elsewhere", "/settings/$tab"],
    ["/collaboration/elsewhere", "/collaboration"],
    ["/collaboration/send", "/collaboration"],
  ])("%s leads to the screen nearest to it", async (address, route) => {
    expect((await open(address)).route).toBe(route);
  });

  it.each(["/nowhere", "/nowhere/%E0%A4%A"])("%s is not found, which leads home", async (address) => {
    const router = createAppRouter(createMemoryHistory({ initialEntries: [address] }));
    await router.load();
    expect(router.state.matches.map((match) => match.routeId)).toEqual(["__root__"]);
  });
});

describe("an address that changes while no screen is shown", () => {
  beforeEach(() => {
    bridge({});
    window.location.hash = "/";
  });

  /** Changes the address, as Back or an edited address do, and waits until the router's history has it. */
  async function change(router: RegisteredRouter, path: string) {
    window.location.hash = path;
    await waitFor(() => expect(router.history.location.pathname).toBe(path));
  }

  it("is the one that is shown first", async () => {
    const router = createAppRouter();
    await router.load();
    await change(router, "/help");
    renderRouter(router);
    expect(await screen.findByRole("heading", { name: t.help.title, level: 1 })).toBeTruthy();
    router.history.destroy();
  });

  it("is the one that is shown again", async () => {
    const router = createAppRouter();
    await router.load();
    const { unmount } = renderRouter(router);
    unmount();
    await change(router, "/help");
    renderRouter(router);
    expect(await screen.findByRole("heading", { name: t.help.title, level: 1 })).toBeTruthy();
    router.history.destroy();
  });
});

describe("a link", () => {
  const hrefOf = (link: object) => createAppRouter(createMemoryHistory()).buildLocation(link).href;

  it.each([
    [links.home, "/"],
    [links.requests, "/collaboration"],
    [links.attention, "/collaboration?show=attention"],
    [links.newRequest, "/collaboration/new"],
    [links.brand, "/collaboration/settings"],
    [links.accounts, "/accounts"],
    [links.campaigns, "/campaigns"],
    [links.help, "/help"],
    [requestLink("ABC"), "/collaboration?open=ABC"],
    [editLink("A/B"), "/collaboration/edit/A%2FB"],
    [sendLink("X"), "/collaboration/send/X"],
    [accountLink("fjord & co"), "/accounts?find=fjord+%26+co"],
    [settingsLink("team"), "/settings/team"],
  ])("leads to an address of today: $1", (link, address) => {
    expect(hrefOf(link)).toBe(address);
  });
});

describe("what a notification leads to", () => {
  it.each([
    ["request/r1", requestLink("r1")],
    ["accounts", { to: "/accounts", search: { show: "attention" } }],
    ["team", settingsLink("team")],
    ["home", { to: "/" }],
    ["facebook", settingsLink("facebook")],
    ["", null],
    ["request/", null],
    ["elsewhere", null],
  ])("%s", (link, route) => expect(deepLinkToRoute(link)).toEqual(route));
});
