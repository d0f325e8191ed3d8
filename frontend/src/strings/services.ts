// What can be asked for, an entry each, in the order in which a client meets
// it. The names and who takes a key are as in the Go catalog: a test there
// reads this file.

import type { Platform, Service } from "../api/enums";

interface Entry {
  name: string;
  level: string; // what was given, where the platform names no tasks
  key?: { where: string; example: string }; // an address and a key in place of a sign-in
}

const entries = {
  facebook: { name: "Facebook", level: "Advertise, analyse" },
  mailchimp: { name: "Mailchimp", level: "Full account access" },
  salesforce: { name: "Salesforce", level: "What its user may do" },
  googlesheets: { name: "Google Sheets", level: "Read and write" },
  hubspot: { name: "HubSpot", level: "Read and change contacts, read lists" },
  activecampaign: {
    name: "ActiveCampaign",
    level: "Key of one user",
    key: { where: "In ActiveCampaign: Settings, Developer.", example: "https://account.api-us1.com" },
  },
} satisfies Record<Service, Entry>;

export const services = Object.keys(entries) as Service[];
export const platformOf = (service: Service): Platform => (service === "facebook" ? "meta" : service);
export const serviceOf = (platform: Platform): Service => (platform === "meta" ? "facebook" : platform);
export const platforms = services.map(platformOf);

export const entryOf = (service: Service): Entry => entries[service];

const named = <Id extends string>(ids: Id[], entry: (id: Id) => Entry) =>
  Object.fromEntries(ids.map((id) => [id, entry(id).name])) as Record<Id, string>;

export const serviceName = named(services, entryOf);
export const platformName = named(platforms, (p) => entryOf(serviceOf(p)));
