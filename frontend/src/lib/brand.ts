// The form of Collaboration Settings against what is applied.
import type { AgencyView, BrandForm } from "../api/types";

export function formOf(a: AgencyView): BrandForm {
  return { company: a.brand_company, colour: a.colour, show_requester: a.show_requester, logo: "", keep_logo: true };
}

/** How many fields differ from what is applied. */
export function changes(form: BrandForm, a: AgencyView): number {
  let n = 0;
  if (form.company.trim() !== a.brand_company) n++;
  if (form.colour.toLowerCase() !== a.colour.toLowerCase()) n++;
  if (form.show_requester !== a.show_requester) n++;
  if (form.logo !== "" || (!form.keep_logo && a.logo !== "")) n++;
  return n;
}

/** Whether something is typed that is no colour. */
export const isNoColour = (typed: string): boolean => typed.trim() !== "" && colourOf(typed) === "";

/** "#rrggbb" of what was typed, or empty when it is no colour. */
export function colourOf(typed: string): string {
  const text = typed.trim().replace(/^#?/, "#").toLowerCase();
  if (/^#[0-9a-f]{6}$/.test(text)) return text;
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/.exec(text);
  return short
    ? "#" +
        short
          .slice(1)
          .map((c) => (c ?? "") + (c ?? ""))
          .join("")
    : "";
}
