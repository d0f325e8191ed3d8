// @vitest-environment jsdom
import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { ConnectionView, RelayView } from "../../api/types";
import { blank } from "../../lib/request";
import { t } from "../../strings/en";
import { bridge, Refusal } from "../../testing/bridge";
import { renderAt } from "../../testing/render";
import { totals } from "../../testing/rows";

const meta = { platform: "meta", offered: true, why: "", version: "", by_hand: true } as const;

/** An agency whose relay offers this at Facebook, with these users. */
function agency(offered: Partial<RelayView["platforms"][number]>, connections: unknown[] = []) {
  return {
    totals: () => totals(),
    agency: () => ({ default_message: "We need these." }),
    draft: () => ({ ...blank, client: "Harbour" }),
    saveDraft: () => null,
    relay: () => ({ platforms: [{ ...meta, ...offered }] }),
    connections: () => connections,
    saveRequest: () => new Refusal("invalid", "business", "Ask a main user."),
  };
}

const ana = {
  id: "C1",
  platform: "meta",
  user: "Ana Ruiz",
  here: true,
  replaced: false,
  businesses: [
    { id: "111111", name: "Northlight", admin: true },
    { id: "222222", name: "Archive", admin: false },
  ],
} as unknown as ConnectionView;

/** Chooses another Business Manager, once the form has the connected user: until then the list is disabled. */
async function chooseArchive({ user }: Awaited<ReturnType<typeof open>>) {
  const business = await screen.findByRole("combobox", { name: t.form.business });
  await waitFor(() => expect(business).toHaveProperty("value", "Northlight"));
  await user.click(business);
  await user.click(await screen.findByRole("option", { name: /Archive/ }));
}

/** The form of a new request, with Facebook ticked. */
async function open() {
  const shown = await renderAt("/collaboration/new");
  await shown.user.click(await screen.findByRole("checkbox", { name: "Facebook" }));
  return shown;
}

const byHand = () => screen.findByRole("radio", { name: t.form.wayByHand });
const id = () => screen.getByRole("textbox", { name: t.form.businessID });
const save = () => screen.getByRole("button", { name: new RegExp(`^${t.form.save}`) });
const sent = (calls: { name: string; params: object }[]) =>
  calls.filter((c) => c.name === "saveRequest").at(-1)?.params;

describe("how a client gives access at Facebook", () => {
  it("is by hand at first while Meta has not approved the app, and staff can choose the sign-in", async () => {
    bridge(agency({ by_hand_first: true }));
    const { user } = await open();
    await waitFor(async () => expect(await byHand()).toHaveProperty("checked", true));
    (await byHand()).focus();
    await user.keyboard("{ArrowUp}");
    expect(screen.getByRole("radio", { name: t.form.waySignIn })).toHaveProperty("checked", true);
    expect(await screen.findByText(t.form.noUser)).toBeTruthy();
  });

  it("is the sign-in at first with an approved app, and the only way of an older relay", async () => {
    bridge(agency({}));
    const { unmount } = await open();
    expect(await byHand()).toHaveProperty("checked", false);
    unmount();
    bridge(agency({ by_hand: false }));
    await open();
    expect(await screen.findByText(t.form.noUser)).toBeTruthy();
    expect(screen.queryByRole("radio", { name: t.form.wayByHand })).toBeNull();
  });

  it("is by hand alone where the relay has no app", async () => {
    bridge(agency({ offered: false, by_hand_first: true }));
    await open();
    expect(await screen.findByText(t.form.onlyByHand)).toBeTruthy();
    expect(screen.queryByRole("radio", { name: t.form.waySignIn })).toBeNull();
  });

  it("wants a Business Manager, says what is missing, and keeps what the relay refuses", async () => {
    const calls = bridge(agency({ by_hand_first: true }));
    const { user } = await open();
    await byHand();
    await waitFor(() => expect(id()).toBeTruthy());
    await user.click(save());
    expect(await screen.findByText(t.form.enterBusinessName)).toBeTruthy();
    expect(screen.getByText(t.form.enterBusinessID)).toBeTruthy();
    expect(sent(calls)).toBeUndefined();
    await user.type(id(), "abc");
    await user.click(save());
    expect(await screen.findByText(t.form.businessIDDigits)).toBeTruthy();
    expect(screen.getByText(t.form.enterBusinessName)).toBeTruthy();
    expect(sent(calls)).toBeUndefined();
    await user.clear(id());
    await user.type(id(), "1184 2090 3317 552");
    await user.type(screen.getByRole("textbox", { name: t.form.businessName }), "Northlight");
    await user.click(save());
    await waitFor(() =>
      expect(sent(calls)).toMatchObject({
        by_hand: true,
        connection: "",
        business: "1184 2090 3317 552",
        business_name: "Northlight",
      }),
    );
    expect(await screen.findByText("Ask a main user.")).toBeTruthy();
    expect(id()).toHaveProperty("value", "1184 2090 3317 552");
  });

  it("goes by hand to a Business Manager where the connected user is not Admin, or to a typed one", async () => {
    const calls = bridge(agency({ by_hand_first: true }, [ana]));
    const shown = await open();
    const { user } = shown;
    await chooseArchive(shown);
    expect(await screen.findByText(t.form.noAdminByHand("Ana Ruiz"))).toBeTruthy();
    await user.click(save());
    await waitFor(() => expect(sent(calls)).toMatchObject({ connection: "C1", business: "222222", by_hand: true }));

    await user.click(screen.getByRole("button", { name: t.form.otherBusiness }));
    expect(screen.queryByRole("combobox", { name: t.form.business })).toBeNull();
    await user.type(id(), "333333");
    await user.type(screen.getByRole("textbox", { name: t.form.businessName }), "Elsewhere");
    await user.click(save());
    await waitFor(() => expect(sent(calls)).toMatchObject({ connection: "", business: "333333" }));

    await user.click(screen.getByRole("button", { name: t.form.ofUser }));
    await waitFor(() =>
      expect(screen.getByRole("combobox", { name: t.form.business })).toHaveProperty("value", "Northlight"),
    );
  });

  it("leaves no Business Manager behind that a sign-in cannot use", async () => {
    const calls = bridge(agency({ by_hand_first: true }, [ana]));
    const shown = await open();
    const { user } = shown;
    await chooseArchive(shown);
    await user.click(screen.getByRole("radio", { name: t.form.waySignIn }));
    await user.click(save());
    await waitFor(() => expect(sent(calls)).toMatchObject({ connection: "C1", business: "111111", by_hand: false }));
  });
});
