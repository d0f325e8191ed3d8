// @vitest-environment jsdom
import { expect, it } from "vitest";
import { renderScreen } from "../testing/render";
import { serviceViews } from "../testing/services";
import { PlatformTile } from "./PlatformTile";

const iconOf = (id: string) => serviceViews.find((s) => s.id === id)?.icon ?? "";

it("shows a platform's mark as its folder has it, by the service or by the platform", () => {
  const mark = `data:image/svg+xml,${encodeURIComponent(iconOf("facebook"))}`;
  for (const of of ["facebook", "meta"]) {
    const { container, unmount } = renderScreen(<PlatformTile of={of} />);
    expect(container.querySelector("img")?.getAttribute("src")).toBe(mark);
    unmount();
  }
});

it("writes a monogram in the colours of the theme, where a mark is nobody's to show", () => {
  const { container } = renderScreen(<PlatformTile of="activecampaign" />);
  expect(container.querySelector("img")).toBeNull();
  expect(container.querySelector("[data-monogram]")?.getAttribute("data-monogram")).toBe("AC");
});

it("shows no broken picture for a service that this hub does not know", () => {
  const { container } = renderScreen(<PlatformTile of="from_a_newer_relay" />);
  expect(container.querySelector("img")).toBeNull();
});
