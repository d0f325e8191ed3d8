// Meta's SDK reads what the signed-in person has: at its own version, which has
// ended for ads, and at the one that the driver calls.
import bizSdk from "facebook-nodejs-business-sdk";

const { BASE, TOKEN, VERSION } = process.env;
const { FacebookAdsApi, User, AdAccount } = bizSdk;
Object.defineProperty(FacebookAdsApi, "GRAPH", { get: () => BASE });
// Its crash reports would go to Meta itself: they are off below.
const own = FacebookAdsApi.VERSION;

let ended = "";
FacebookAdsApi.init(TOKEN, "en_US", false);
try {
  const [first] = await new User("me").getAdAccounts(["id"], { limit: 1 });
  await new AdAccount(first.id).getCampaigns(["name"], { limit: 1 });
} catch (error) {
  ended = String(error.message);
}

Object.defineProperty(FacebookAdsApi, "VERSION", { get: () => VERSION });
FacebookAdsApi.init(TOKEN, "en_US", false);
const me = await new User("me").get(["id", "name"]);
const accounts = await new User("me").getAdAccounts(["id", "name", "account_status"], { limit: 50 });
const businesses = await new User("me").getBusinessUsers(["id", "role", "business"], { limit: 50 });
const account = await new AdAccount(accounts[0].id).get(["id", "name", "currency"]);
console.log(
  JSON.stringify({
    own,
    ended,
    name: me.name,
    accounts: accounts.map((a) => a.name),
    roles: businesses.map((b) => b.role),
    currency: account.currency,
  }),
);
process.exit(0);
