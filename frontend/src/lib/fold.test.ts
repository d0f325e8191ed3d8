// @vitest-environment jsdom
import { fireEvent } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import searches from "../../../internal/collation/testdata/searches.json";
import script from "../../../internal/pages/script.js?raw";
import { findFolded, fold, matchesSearch } from "./fold";

afterEach(() => document.body.replaceChildren());

test.each(searches)("what Go finds the screens find: $text for $typed", ({ text, typed, found }) => {
  expect(matchesSearch(text, typed)).toBe(found);
});

/** What differs by an accent or a stroke alone is the same to Unicode's root collation, at its first level. */
const accented = [..."áàâäãåçđéèêëħíìîïłñóòôöõøúùûüÿžșțőűďě"];
test.each(accented)("%s is found by what it is sorted with", (char) => {
  const base = new Intl.Collator("und", { sensitivity: "base" });
  expect(base.compare(char, fold(char))).toBe(0);
});

test("what was typed is marked in whole characters, however it was written", () => {
  const marked = (text: string, typed: string) => {
    const found = findFolded(text, typed);
    return found && text.slice(...found);
  };
  expect(marked("Harbour Café Ads", "cafe")).toBe("Café");
  expect(marked("Harbour Cafe\u0301 Ads", "cafe")).toBe("Cafe\u0301");
  expect(marked("ＡＢＣ商事", "b")).toBe("Ｂ");
  expect(marked("Straße 5", "SS")).toBe("ß");
  expect(marked("Straße 5", "s")).toBe("S");
  expect(marked("İstanbul", "ist")).toBe("İst");
  expect(marked("👩\u200d💻 Studio", "studio")).toBe("Studio");
  expect(marked("ﾊﾞｰｶﾞｰ", "バ")).toBe("ﾊﾞ");
  expect(marked("Harbour", "pine")).toBeUndefined();
  expect(marked("Harbour", " ")).toBeUndefined();
  expect(marked("", "a")).toBeUndefined();
});

/** The wizard's page of assets, as far as its script uses it. */
function wizardList(names: string[]): HTMLInputElement {
  document.body.innerHTML = `
    <section data-list data-chosen="" data-one="" data-many="" data-no-match="Nothing: {query}">
    <span data-count></span><input type="search"><ul class="asset-list__rows"></ul></section>`;
  for (const name of names) {
    const row = document.createElement("li");
    row.textContent = name;
    document.querySelector("ul")?.append(row);
  }
  new Function(script)();
  return document.querySelector("input") as HTMLInputElement;
}

test("the wizard's script finds what Go finds", () => {
  for (const { text, typed, found } of searches) {
    // The wizard does not search word by word, but leaves spaces out.
    const inOne = matchesSearch(text.replace(/\s+/g, ""), typed.replace(/\s+/g, ""));
    const field = wizardList([text, "another"]);
    fireEvent.input(field, { target: { value: typed } });
    const row = document.querySelector<HTMLLIElement>("li");
    expect(row?.hidden, `${text} for ${typed}`).toBe(!inOne);
    if (!found) expect(row?.hidden).toBe(true);
  }
});
