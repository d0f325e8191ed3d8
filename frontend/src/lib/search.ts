// The search params of the addresses: what they may be, and how they are written.

import type { RequestFilter } from "../api/enums";
import type { Platform, Service, ServiceView } from "../api/types";

type Optional<T> = { [Key in keyof T]?: T[Key] | undefined };

const filters = ["pending", "connected", "awaited", "attention", "expiring", "archived"] as const;
const requestSorts = ["client", "recipient", "status"] as const;
const accountSorts = ["client", "state", "check"] as const;
const orders = ["asc", "desc"] as const;
export const periods = [7, 30, 90] as const;
export const settingsTabs = [
  "team",
  "facebook",
  "notifications",
  "webhooks",
  "domain",
  "relay",
  "computer",
  "data",
] as const;

export type Order = (typeof orders)[number];
export type Period = (typeof periods)[number];
export type SettingsTab = (typeof settingsTabs)[number];

/** Of the onboarding requests. What is missing is at its default: all of them, the newest first. */
export type RequestsSearch = Optional<{
  show: Exclude<RequestFilter, "">;
  open: string;
  find: string;
  service: Service;
  days: Period;
  sort: (typeof requestSorts)[number];
  order: Order;
}>;

/** Of the accounts. What is missing is at its default: all of them, by name. */
export type AccountsSearch = Optional<{
  find: string;
  show: "attention";
  connect: Platform;
  platform: Platform;
  managed: "yes" | "no";
  sort: (typeof accountSorts)[number];
  order: Order;
}>;

type Raw = Record<string, unknown>;

const oneOf = <T extends string>(allowed: readonly T[], value: unknown): T | undefined =>
  allowed.find((one) => one === value);

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

export function readRequestsSearch(raw: Raw, services: ServiceView[]): RequestsSearch {
  return {
    show: oneOf(filters, raw.show),
    open: text(raw.open),
    find: text(raw.find),
    service: oneOf(
      services.map((s) => s.id),
      raw.service,
    ),
    days: periods.find((days) => String(days) === String(raw.days)),
    sort: oneOf(requestSorts, raw.sort),
    order: oneOf(orders, raw.order),
  };
}

export function readAccountsSearch(raw: Raw, services: ServiceView[]): AccountsSearch {
  const platforms = services.map((s) => s.platform);
  return {
    find: text(raw.find),
    show: oneOf(["attention"], raw.show),
    connect: oneOf(platforms, raw.connect),
    platform: oneOf(platforms, raw.platform),
    managed: oneOf(["yes", "no"], raw.managed),
    sort: oneOf(accountSorts, raw.sort),
    order: oneOf(orders, raw.order),
  };
}

export const readSettingsTab = (tab: string): SettingsTab => oneOf(settingsTabs, tab) ?? "team";

export const parseSearch = (search: string): Record<string, string> => Object.fromEntries(new URLSearchParams(search));

export function stringifySearch(search: Raw): string {
  const params = Object.entries(search).flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [[name, String(value)]],
  );
  return params.length === 0 ? "" : `?${new URLSearchParams(params)}`;
}
