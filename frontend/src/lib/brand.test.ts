import { describe, expect, it } from "vitest";
import type { AgencyView } from "../api/types";
import { changes, colourOf, formOf } from "./brand";

describe("the brand's form", () => {
  const agency: AgencyView = {
    id: "",
    name: "Northlight",
    company: "Northlight",
    brand_on: false,
    brand_company: "Northlight Media",
    colour: "#7a2672",
    reply_to: "",
    pending_reply_to: "",
    show_requester: false,
    share_requests: false,
    logo: "/preview/logo",
    default_message: "",
  };
  it("counts what differs", () => {
    const form = formOf(agency);
    expect(changes(form, agency)).toBe(0);
    expect(changes({ ...form, company: "N", colour: "#0B6478", keep_logo: false }, agency)).toBe(3);
    expect(changes({ ...form, colour: "#7A2672" }, agency)).toBe(0);
  });
  it("takes colours with and without #, and short ones", () => {
    expect(colourOf("7A2672")).toBe("#7a2672");
    expect(colourOf("#abc")).toBe("#aabbcc");
    expect(colourOf("red")).toBe("");
  });
});
