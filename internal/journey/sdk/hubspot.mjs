// HubSpot's client speaks v1 OAuth and v3 CRM.
import { Client } from "@hubspot/api-client";

const { BASE, TOKEN } = process.env;
const client = new Client({ accessToken: TOKEN, basePath: BASE });
const about = await client.oauth.accessTokensApi.get(TOKEN);
const page = await client.crm.contacts.basicApi.getPage(3, undefined, ["email", "firstname"]);
const next = await client.crm.contacts.basicApi.getPage(3, page.paging.next.after, ["email"]);
console.log(
  JSON.stringify({
    hub: about.hubId,
    scopes: about.scopes,
    emails: page.results.map((c) => c.properties.email),
    more: next.results.length,
  }),
);
