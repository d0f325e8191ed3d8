import { describe, expect, it } from "vitest";
import { ago, ahead, daysBetween, onDay, when } from "./dates";

describe("dates", () => {
  const now = new Date(2026, 10, 23, 10, 42).getTime();
  const at = (day: number, hour: number, minute = 0) => new Date(2026, 10, day, hour, minute).getTime();
  it("counts calendar days, not hours", () => {
    expect(daysBetween(at(22, 23, 59), at(23, 0, 1))).toBe(1);
  });
  it("says when", () => {
    expect(when(at(23, 9, 12), now)).toBe("today, 09:12");
    expect(when(at(22, 17, 52), now)).toBe("yesterday, 17:52");
    expect(when(at(5, 8), now)).toBe("5 Nov");
    expect(onDay(at(23, 9, 12), now)).toBe("today");
    expect(onDay(at(22, 17, 52), now)).toBe("yesterday");
    expect(onDay(at(5, 8), now)).toBe("5 Nov");
    expect(ago(now - 4 * 60_000, now)).toBe("4 minutes ago");
    expect(ago(now - 1000, now)).toBe("just now");
    expect(ahead(at(24, 9), now)).toBe("tomorrow");
    expect(ahead(at(30, 9), now)).toBe("in 7 days");
  });
});
