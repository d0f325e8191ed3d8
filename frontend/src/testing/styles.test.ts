// @vitest-environment jsdom
import { screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

afterEach(() => document.body.replaceChildren());

test.each([
  ["<button hidden>Go</button>", false],
  ['<button style="display: none">Go</button>', false],
  ['<div style="display: none"><button>Go</button></div>', false],
  ["<div hidden><button>Go</button></div>", false],
  ['<div style="visibility: hidden"><p><button>Go</button></p></div>', false],
  ['<div style="visibility: hidden"><button style="visibility: visible">Go</button></div>', true],
  ["<dialog><button>Go</button></dialog>", false],
  ["<dialog open><button>Go</button></dialog>", true],
  ['<input type="hidden" value="Go"><input type="button" value="Go">', true],
  ["<div><button>Go</button></div>", true],
])("a query sees of %s what a person would see", (html, seen) => {
  document.body.innerHTML = '<button>Before</button><input type="text">'; // of the same names, and in sight
  expect(screen.queryByRole("button", { name: "Before" })).not.toBeNull();
  document.body.insertAdjacentHTML("beforeend", html);
  expect(screen.queryByRole("button", { name: "Go" }) !== null).toBe(seen);
});

test("a query sees at once what was hidden or shown", () => {
  document.body.innerHTML = "<div><button>Go</button></div>";
  const around = document.body.firstElementChild as HTMLElement;
  for (const [visibility, seen] of [
    ["visible", true],
    ["hidden", false],
    ["", true],
  ] as const) {
    around.style.visibility = visibility;
    expect(screen.queryByRole("button") !== null).toBe(seen);
  }
});
