// @vitest-environment jsdom
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { CauseView, Todo } from "../../api/types";
import { t } from "../../strings/en";
import { bridge } from "../../testing/bridge";
import { now, renderAt, renderScreen, session } from "../../testing/render";
import { itemRow, requestDetails, totals } from "../../testing/rows";
import { FacebookUsers } from "../connections/FacebookUsers";
import { DetailsService } from "../requests/DetailsService";
import { Problem } from "../requests/Problem";

const hour = 3_600_000;

const ended: CauseView = {
  subject: "connection:C1",
  service: "facebook",
  connection: "C1",
  user: "Ana Ruiz",
  failure: "sign_in_expired",
  code: "190/463",
  title: "Your user’s sign-in at Facebook has ended",
  message: "It lasts about 60 days.",
  who: "Whoever connected the user at your agency",
  next: "Connect the user again.",
  fix: "users",
  note: "",
  open: "",
  since: now - hour,
  items: 93,
  checked: now - 2 * hour,
};

const silent: CauseView = {
  ...ended,
  subject: "platform:hubspot",
  service: "hubspot",
  connection: "",
  user: "",
  failure: "platform_down",
  title: "HubSpot does not answer right now",
  next: "Nothing to do: it is tried again automatically.",
  fix: "check",
  items: 1,
};

const users = () => [
  {
    id: "C1",
    platform: "meta",
    member_id: "M1",
    member: "Ana Ruiz",
    user: "Ana Ruiz",
    businesses: [],
    ends: now - hour,
    created: now - 60 * 24 * hour,
    here: true,
    cause: ended,
  },
];

describe("the agency's own sign-in that has ended", () => {
  const todo: Todo = { kind: "cause", request: "", client: "", cause: ended, user: "Ana Ruiz", ends: 0, since: now };

  it.each(["main", "sub"] as const)("is one line of Home with one action, for a %s user", async (role) => {
    bridge({ totals: () => totals(), todos: () => [todo], recent: () => [], days: () => [], connections: users });
    const { user, router } = await renderAt("/", { session: { ...session, role } });
    const todos = await screen.findByRole("region", { name: new RegExp(`^${t.home.todos}`) });
    await within(todos).findByText(ended.title);
    expect(within(todos).getAllByRole("listitem")).toHaveLength(1);
    expect(todos.textContent).toContain("Ana Ruiz · 93 accounts have not been checked since today");
    await user.click(within(todos).getByRole("button", { name: "Sign in again" }));
    expect(router.state.location.pathname).toBe("/settings/facebook");
    expect(await screen.findByRole("dialog", { name: t.settings.fbConnect })).toBeTruthy();
  });

  it("is at its Connection, which offers to sign in again and not to choose assets", async () => {
    bridge({ connections: users });
    const { user } = renderScreen(<FacebookUsers />);
    await screen.findByText(`· ${ended.title}`, { exact: false });
    expect(screen.queryByRole("button", { name: t.own.choose })).toBeNull();
    await user.click(screen.getByRole("button", { name: t.settings.fbSignInAgain("Ana Ruiz") }));
    expect(await screen.findByRole("dialog", { name: t.settings.fbConnect })).toBeTruthy();
  });

  it("leaves an account as it was, and says since when that is not known", () => {
    const item = itemRow({ gives: "Can run ads", unchecked: ended, checked: now - 2 * hour });
    renderScreen(<DetailsService d={requestDetails({ items: [item] })} service="facebook" />);
    expect(screen.getByText(t.item.connected)).toBeTruthy();
    expect(
      screen.getByText(/^Not checked since today, .* · Your user’s sign-in at Facebook has ended\.$/),
    ).toBeTruthy();
    expect(screen.queryByText(t.item.attention)).toBeNull();
  });
});

describe("what keeps accounts from being checked", () => {
  it("is said once above all accounts, with an action only where one helps", async () => {
    bridge({
      totals: () => totals({ accounts: 1 }),
      accounts: () => ({ accounts: [itemRow({ unchecked: ended })], next: "" }),
      countAccounts: () => 1,
      causes: () => [ended, silent],
    });
    await renderAt("/accounts");
    const bands = await waitFor(() => {
      const found = screen.getAllByRole("status").filter((band) => band.textContent?.includes("what is shown"));
      expect(found).toHaveLength(2);
      return found;
    });
    expect(bands[0]?.textContent).toContain("93 accounts have not been checked since today");
    expect(within(bands[0] as HTMLElement).getByRole("button", { name: "Sign in again" })).toBeTruthy();
    expect(bands[1]?.textContent).toContain("HubSpot does not answer right now. 1 account has not been checked");
    expect(within(bands[1] as HTMLElement).queryByRole("button")).toBeNull();
  });
});

describe("what is wrong with an account", () => {
  const broken = itemRow({
    attention: true,
    access: "broken",
    title: "It broke",
    who: "An admin there",
    by: "Kim Lee",
  });

  it("names who connected it only where the client can fix it", () => {
    const { unmount } = renderScreen(<Problem i={broken} />);
    expect(screen.getByText("An admin there. Kim Lee connected it.")).toBeTruthy();
    unmount();
    renderScreen(<Problem i={{ ...broken, by_client: false }} />);
    expect(screen.getByText("An admin there")).toBeTruthy();
    expect(screen.queryByText(/Kim Lee/)).toBeNull();
  });

  it("lets the platform say only what it said", () => {
    const { unmount } = renderScreen(<Problem i={{ ...broken, code: "190/463", failure: "share_removed" }} />);
    expect(screen.getByText("Facebook says").nextElementSibling?.textContent).toBe("190/463");
    unmount();
    renderScreen(<Problem i={{ ...broken, code: "", failure: "share_removed" }} />);
    expect(screen.queryByText("Facebook says")).toBeNull();
    expect(screen.getByText(t.problem.found).nextElementSibling?.textContent).toBe(t.problem.noCode.share_removed);
  });
});
