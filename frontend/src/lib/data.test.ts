// @vitest-environment jsdom
import { renderHook } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { now } from "../testing/render";
import { queries, useMidnight } from "./data";
import { startOfDay } from "./dates";

describe("what was asked for", () => {
  it("is asked for again after midnight, and not before", () => {
    const asked = vi.spyOn(queries, "invalidateQueries").mockResolvedValue();
    const { rerender } = renderHook(({ at }) => useMidnight(at), { initialProps: { at: now } });
    rerender({ at: startOfDay(now, 1) - 1 });
    expect(asked).not.toHaveBeenCalled();
    rerender({ at: startOfDay(now, 1) });
    rerender({ at: startOfDay(now, 1) + 30_000 });
    expect(asked).toHaveBeenCalledTimes(1);
    rerender({ at: startOfDay(now, 3) }); // the computer has slept
    expect(asked).toHaveBeenCalledTimes(2);
  });
});
