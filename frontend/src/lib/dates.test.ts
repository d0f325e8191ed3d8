import { afterEach, describe, expect, it, vi } from "vitest";
import { ago, ahead, clock, daysBetween, onDay, startOfDay, when, whenExactly } from "./dates";

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
    for (const m of [at(23, 9, 12), at(22, 17, 52)]) expect(whenExactly(m, now)).toBe(when(m, now));
    expect(whenExactly(at(5, 8), now)).toBe("5 Nov, 08:00");
    expect(whenExactly(at(5, 8), new Date(2027, 0, 2).getTime())).toBe("5 Nov 2026, 08:00");
    expect(onDay(at(23, 9, 12), now)).toBe("today");
    expect(onDay(at(22, 17, 52), now)).toBe("yesterday");
    expect(onDay(at(5, 8), now)).toBe("5 Nov");
    expect(ago(now - 4 * 60_000, now)).toBe("4 minutes ago");
    expect(ago(now - 1000, now)).toBe("just now");
    expect(ahead(at(24, 9), now)).toBe("tomorrow");
    expect(ahead(at(30, 9), now)).toBe("in 7 days");
  });
});

describe("a day", () => {
  afterEach(() => vi.unstubAllEnvs());
  const hours = (from: number, to: number) => (to - from) / 3_600_000;

  it("has 23, 24 or 25 hours", () => {
    vi.stubEnv("TZ", "Europe/Berlin");
    const spring = Date.UTC(2026, 2, 29, 12);
    const autumn = Date.UTC(2026, 9, 25, 12);
    expect(hours(startOfDay(spring), startOfDay(spring, 1))).toBe(23);
    expect(hours(startOfDay(autumn), startOfDay(autumn, 1))).toBe(25);
    expect(hours(startOfDay(autumn, -7), startOfDay(autumn))).toBe(7 * 24);
    expect(hours(startOfDay(autumn, -6), startOfDay(autumn, 1))).toBe(7 * 24 + 1);
    expect(new Date(startOfDay(autumn, 3)).getHours()).toBe(0);
    expect(daysBetween(startOfDay(spring, -3), startOfDay(spring, 4))).toBe(7);
  });

  it("begins where the user is", () => {
    const noon = Date.UTC(2026, 5, 15, 12);
    vi.stubEnv("TZ", "Pacific/Auckland");
    expect(new Date(startOfDay(noon)).toISOString()).toBe("2026-06-15T12:00:00.000Z"); // midnight there
    expect(clock(noon)).toBe("00:00");
    vi.stubEnv("TZ", "America/New_York"); // the computer travels while Latchkey is open
    expect(new Date(startOfDay(noon)).toISOString()).toBe("2026-06-15T04:00:00.000Z");
    expect(clock(noon)).toBe("08:00");
  });
});
