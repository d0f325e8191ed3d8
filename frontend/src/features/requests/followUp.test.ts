// @vitest-environment jsdom
import { expect, it } from "vitest";
import { servicesOf } from "../../lib/services";
import { requestDetails, requestRow } from "../../testing/rows";
import { canFollowUp, followUpOf } from "./followUp";

const cell = (service: string, part = {}) => ({
  ...requestRow().services[0],
  service,
  platform: service,
  connected: 0,
  waiting: 0,
  attention: false,
  skipped: false,
  names: [],
  gives: "",
  ...part,
});

const asked = [
  cell("facebook"),
  cell("hubspot", { connected: 1 }),
  cell("mailchimp", { waiting: 1 }),
  cell("salesforce"),
];

it("asks for what is missing, of the same client, with the same Business Manager", () => {
  const d = requestDetails({
    client: "Harbour & Pine",
    services: asked,
    connection_id: "C1",
    business_id: "B1",
    kinds: ["dataset"],
    level: "view",
  });
  const form = followUpOf(d, servicesOf([]));
  expect(form).toMatchObject({
    id: "",
    client: "Harbour & Pine",
    services: ["facebook", "salesforce"],
    connection: "C1",
    business: "B1",
    kinds: ["dataset"],
    level: "view",
  });
});

it("leaves Facebook's choices out when it is not missing", () => {
  const d = requestDetails({
    services: [cell("salesforce")],
    connection_id: "C1",
    business_id: "B1",
    kinds: ["dataset"],
  });
  expect(followUpOf(d, servicesOf([]))).toMatchObject({ connection: "", business: "", kinds: [] });
});

it.each([
  ["it is connected", { status: "connected", phase: "connected" }, true],
  ["it has expired", { phase: "expired" }, true],
  ["it was declined", { phase: "declined" }, true],
  ["its client is at it", { phase: "partly" }, false],
  ["all is there", { status: "connected", services: [cell("hubspot", { connected: 1 })] }, false],
] as const)("offers it or not when %s", (_, part, offered) => {
  expect(canFollowUp(requestRow({ services: asked, ...part } as never))).toBe(offered);
});
