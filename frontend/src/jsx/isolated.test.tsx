// @vitest-environment jsdom
import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { AccountCell } from "../features/accounts/AccountCells";
import { renderScreen } from "../testing/render";
import { itemRow } from "../testing/rows";

test("a text from outside stands in an element of its own", () => {
  renderScreen(
    <p title={"\u05d0 title"} role="note" aria-label={"\u202eturned"}>
      Delete {"\u202e\u05d0 client"}, {"Café"} or {2}
    </p>,
  );
  const paragraph = screen.getByTitle("\u2068\u05d0 title\u2069");
  expect(paragraph.getAttribute("aria-label")).toBe("turned");
  expect(paragraph.innerHTML).toBe("Delete <bdi>\u05d0 client</bdi>, Café or 2");
});

test("a field, and what holds text alone, gets characters instead", () => {
  renderScreen(
    <select aria-label="client">
      <option>{"\u05d0"}</option>
    </select>,
  );
  expect(screen.getByRole("option").innerHTML).toBe("\u2068\u05d0\u2069");
});

test("no screen can forget it", () => {
  renderScreen(<AccountCell i={itemRow({ name: "\u202e\u05d0 ads" })} />);
  expect(screen.getByText("\u05d0 ads").tagName).toBe("BDI");
});
