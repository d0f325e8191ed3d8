// jsforce asks what the organisation is, and what its objects allow.
import jsforce from "jsforce";

const { BASE, TOKEN } = process.env;
const connection = new jsforce.Connection({ instanceUrl: BASE, accessToken: TOKEN, version: "60.0" });
const found = await connection.query("SELECT Id, Name, OrganizationType, IsSandbox FROM Organization");
const lead = await connection.sobject("Lead").describe();
const limits = await connection.limits();
console.log(
  JSON.stringify({
    organisation: found.records[0].Name,
    lead: lead.createable,
    calls: limits.DailyApiRequests.Max > 0,
  }),
);
