// Services as Go gives them, for tests of screens: with a mark, with a monogram, and with a key.
import type { ServiceView } from "../api/types";

const svg = (inside: string) => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">${inside}</svg>`;
const mark = svg('<path d="M1 1h22v22H1z"/>');
const monogram = svg('<text x="12" y="16">AC</text>');

export const serviceViews: ServiceView[] = [
  { id: "facebook", platform: "meta", name: "Facebook", level: "Advertise, analyse", icon: mark, key: null },
  { id: "hubspot", platform: "hubspot", name: "HubSpot", level: "Read and change contacts", icon: mark, key: null },
  {
    id: "activecampaign",
    platform: "activecampaign",
    name: "ActiveCampaign",
    level: "Key of one user",
    icon: monogram,
    key: { place: "In ActiveCampaign: Settings, Developer.", example: "https://account.api-us1.com" },
  },
];
