// @vitest-environment jsdom
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { t } from "../../strings/en";
import { bridge } from "../../testing/bridge";
import { renderAt } from "../../testing/render";
import { itemRow, requestDetails, requestRow, totals } from "../../testing/rows";

/** What a search for "har" finds; anything else finds nothing. */
function answers() {
  return {
    totals: () => totals(),
    todos: () => [],
    recent: () => [],
    days: () => [],
    requests: () => ({ requests: [], next: "" }),
    request: () => requestDetails(),
    search: ({ text }: { text: string }) =>
      text === "har" ? { requests: [requestRow()], accounts: [itemRow()] } : { requests: [], accounts: [] },
    copyLink: () => true,
    saveDraft: () => null,
  };
}

const field = () => screen.findByRole("combobox", { name: t.find.label });
const options = () => within(screen.getByRole("listbox", { name: t.find.label })).getAllByRole("option");
const chosen = () => options().find((option) => option.getAttribute("aria-selected") === "true");

async function opened() {
  const calls = bridge(answers());
  const { user, router } = await renderAt("/help");
  const button = await screen.findByRole("button", { name: new RegExp(t.find.label) });
  button.focus();
  await user.keyboard("{Control>}k{/Control}");
  await waitFor(async () => expect(document.activeElement).toBe(await field()));
  return { calls, user, router, button };
}

describe("the command palette", () => {
  it("finds requests and accounts as one types, the first of them chosen", async () => {
    const { user } = await opened();
    await user.keyboard("har");
    await waitFor(() => expect(options()[0]?.textContent).toContain("Harbour & Pine"));
    expect(options()[1]?.textContent).toContain("Harbour Ads");
    expect(chosen()).toBe(options()[0]);
    expect((await field()).getAttribute("aria-activedescendant")).toBe(chosen()?.id);
  });

  it("walks what it found with the arrows, around both ends, and opens it with Enter", async () => {
    const { user, router } = await opened();
    await user.keyboard("har");
    await waitFor(() => expect(options()[0]?.textContent).toContain("Harbour & Pine"));
    await user.keyboard("{ArrowUp}");
    expect(chosen()).toBe(options().at(-1));
    await user.keyboard("{ArrowDown}{ArrowDown}{Enter}");
    await waitFor(() => expect(router.state.location.pathname).toBe("/accounts"));
    expect(router.state.location.search).toMatchObject({ find: "Harbour Ads" });
    expect(screen.queryByRole("combobox", { name: t.find.label })).toBeNull();
  });

  it("copies the link of a request with Ctrl+Enter, and opens nothing", async () => {
    const { calls, user, router } = await opened();
    await user.keyboard("har");
    await waitFor(() => expect(options()[0]?.textContent).toContain("Harbour & Pine"));
    await user.keyboard("{Control>}{Enter}{/Control}");
    await waitFor(() => expect(calls).toContainEqual({ name: "copyLink", params: { id: "R1" } }));
    expect(router.state.location.pathname).toBe("/help");
  });

  it("says that nothing was found, and still offers a request to who was typed", async () => {
    const { calls, user, router } = await opened();
    await user.keyboard("Salmon");
    await screen.findByText(t.find.none("Salmon"));
    expect(chosen()?.textContent).toContain(t.find.forClient("Salmon"));
    await user.keyboard("{Enter}");
    await waitFor(() => expect(router.state.location.pathname).toBe("/collaboration/new"));
    expect(calls.find((call) => call.name === "saveDraft")?.params).toMatchObject({ client: "Salmon" });
  });

  it("narrows the commands by what is typed", async () => {
    const { user } = await opened();
    await user.keyboard(t.accounts.export);
    await waitFor(() => expect(options().map((option) => option.textContent)).toHaveLength(2));
    expect(options()[1]?.textContent).toContain(t.accounts.export);
  });

  it("closes with Escape, and the focus goes back to where it came from", async () => {
    const { user, button } = await opened();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("combobox", { name: t.find.label })).toBeNull());
    await waitFor(() => expect(document.activeElement).toBe(button));
  });
});
