// @vitest-environment jsdom
import { screen, within } from "@testing-library/react";
import { expect, it } from "vitest";
import type { CheckupLine } from "../../api/types";
import { t } from "../../strings/en";
import { bridge, Refusal } from "../../testing/bridge";
import { renderScreen } from "../../testing/render";
import { RelaySettings } from "./RelaySettings";

const relay = {
  operator: "Kestrel Hosting",
  contact: "help@kestrel.example",
  mail_from: "",
  address: "",
  platforms: [],
};
const lines = t.checkup.lines;

it("shows what fails first, with what it means and whom to write to", async () => {
  const found: CheckupLine[] = [
    { check: "database", state: "ok" },
    { check: "backup", state: "warning" },
    { check: "sender", state: "unknown" },
    { check: "app", service: "hubspot", state: "failed" },
    { check: "tides" as CheckupLine["check"], state: "failed" },
  ];
  bridge({ relay: () => relay, checkup: () => ({ lines: found, checked: Date.UTC(2026, 10, 30, 9) }) });
  renderScreen(<RelaySettings />);
  const rows = await screen.findAllByRole("listitem");
  const texts = rows.map((row) => row.textContent);
  expect(texts).toEqual([
    lines.app.wrong("HubSpot") + lines.app.next("HubSpot"),
    lines.backup.wrong() + lines.backup.next(),
    lines.database.ok(),
    lines.sender.unknown(),
  ]);
  const lead = t.checkup.wrong("Kestrel Hosting") + t.preflight.write("help@kestrel.example");
  expect(await screen.findByText(lead)).toBeDefined();
});

it("shows nothing wrong of a relay that does not examine itself", async () => {
  bridge({ relay: () => relay, checkup: () => ({ lines: [], checked: 0 }) });
  renderScreen(<RelaySettings />);
  await screen.findByText(t.checkup.older);
  expect(screen.queryAllByRole("listitem")).toHaveLength(0);
});

it("says why the relay was not asked, and asks again", async () => {
  const answers = [new Refusal("unavailable"), { lines: [{ check: "clock", state: "ok" }], checked: 1 }];
  bridge({ relay: () => relay, checkup: () => answers.shift() });
  const { user } = renderScreen(<RelaySettings />);
  await user.click(await screen.findByRole("button", { name: t.tryAgain }));
  const list = await screen.findByRole("list");
  expect(within(list).getByText(lines.clock.ok())).toBeDefined();
  expect(screen.getByText(t.checkup.good("Kestrel Hosting"))).toBeDefined();
});

it("is examined again when somebody asks", async () => {
  const answers = [
    { lines: [{ check: "clock", state: "failed" }], checked: 1 },
    { lines: [{ check: "clock", state: "ok" }], checked: 2 },
  ];
  bridge({ relay: () => relay, checkup: () => answers.shift() });
  const { user } = renderScreen(<RelaySettings />);
  await screen.findByText(lines.clock.wrong());
  await user.click(screen.getByRole("button", { name: t.checkup.again }));
  await screen.findByText(lines.clock.ok());
  expect(screen.queryByText(lines.clock.wrong())).toBeNull();
});

it("calls nothing good of which nothing was found out", async () => {
  bridge({ relay: () => relay, checkup: () => ({ lines: [{ check: "clock", state: "unknown" }], checked: 1 }) });
  renderScreen(<RelaySettings />);
  expect(await screen.findByText(t.checkup.unknown("Kestrel Hosting"))).toBeDefined();
});
