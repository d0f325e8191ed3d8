// @vitest-environment jsdom
import { fireEvent, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { renderScreen } from "../testing/render";
import "./cutText";

/** jsdom lays nothing out: each element is 1280 wide. */
function cut(e: HTMLElement, width: number) {
  Object.defineProperty(e, "scrollWidth", { value: width, configurable: true });
  fireEvent.pointerOver(e.firstElementChild ?? e);
}

describe("a text in a row", () => {
  it("can be read whole while it is cut off, unless the row has a title of its own", () => {
    renderScreen(
      <>
        <span className="trunc">
          A long <b>text</b>
        </span>
        <span className="trunc" title="of its own">
          Another one
        </span>
      </>,
    );
    const [text, other] = [screen.getByText("A long"), screen.getByText("Another one")];
    cut(text, 2000);
    expect(text.title).toBe("A long text");
    cut(text, 0);
    expect(text.title).toBe("");
    cut(other, 2000);
    expect(other.title).toBe("of its own");
  });
});
