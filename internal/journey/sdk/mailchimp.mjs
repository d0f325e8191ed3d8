// Mailchimp's client, with the token where an API key would stand.
import mailchimp from "@mailchimp/mailchimp_marketing";

const { BASE, TOKEN } = process.env;
mailchimp.setConfig({ accessToken: TOKEN, server: "us6" });
for (const part of Object.values(mailchimp)) {
  if (part?.apiClient) part.apiClient.basePath = `${BASE}/3.0`;
}
const health = await mailchimp.ping.get();
const root = await mailchimp.root.getRoot();
const lists = await mailchimp.lists.getAllLists({ count: 10, fields: ["lists.name", "total_items"] });
console.log(
  JSON.stringify({
    health: health.health_status,
    account: root.account_name,
    lists: lists.lists.map((l) => l.name),
    total: lists.total_items,
  }),
);
