// @vitest-environment jsdom
import { screen, waitFor, within } from "@testing-library/react";
import { useState } from "react";
import { describe, expect, it, vi } from "vitest";
import { renderScreen } from "../testing/render";
import { type Column, ListTable } from "./ListTable";

interface Line {
  id: string;
  name: string;
}

const columns: Column<Line>[] = [
  { id: "name", header: () => "Name", cell: ({ row }) => row.original.name },
  { id: "more", header: () => "More", cell: () => <button type="button">Menu</button> },
];

const lines = (n: number): Line[] => Array.from({ length: n }, (_, i) => ({ id: `L${i}`, name: `Line ${i}` }));

interface TableProps {
  list?: Line[];
  /** How many there are, of which those of the list are there. */
  total?: number;
  onSort?: (sort: string, ascending: boolean) => void;
  onOpen?: (line: Line) => void;
  onKey?: () => void;
  onVisibleRange?: () => void;
}

const ignore = () => {};

function Table({ list = lines(3), total = list.length, onVisibleRange = ignore, ...rest }: TableProps) {
  const [order, setOrder] = useState({ sort: "", ascending: false });
  return (
    <ListTable
      caption="Lines"
      of="lines"
      total={total}
      at={(n) => list[n]}
      onVisibleRange={onVisibleRange}
      columns={columns}
      widths={["", "80px"]}
      compact={false}
      sorts={{ name: "name" }}
      sort={order.sort}
      ascending={order.ascending}
      onOpen={(line) => rest.onOpen?.(line)}
      onKey={() => rest.onKey?.()}
      onSort={(sort, ascending) => {
        setOrder({ sort, ascending });
        rest.onSort?.(sort, ascending);
      }}
    />
  );
}

/** Has a fourth line once its button has the focus. */
function Growing() {
  const [n, setN] = useState(3);
  return (
    <>
      <Table list={lines(n)} />
      <button type="button" onFocus={() => setN(4)}>
        One more
      </button>
    </>
  );
}

const row = (name: string) => screen.findByRole("row", { name: new RegExp(`^${name} `) });
const head = () => screen.getByRole("columnheader", { name: "Name" });

describe("a list", () => {
  it("is sorted by a column, the other way round at the second press", async () => {
    const onSort = vi.fn();
    const { user } = renderScreen(<Table onSort={onSort} />);
    await user.click(within(head()).getByRole("button"));
    expect(head().getAttribute("aria-sort")).toBe("ascending");
    await user.click(within(head()).getByRole("button"));
    expect(head().getAttribute("aria-sort")).toBe("descending");
    expect(onSort.mock.calls).toEqual([
      ["name", true],
      ["name", false],
    ]);
    expect(within(screen.getByRole("columnheader", { name: "More" })).queryByRole("button")).toBeNull();
  });

  it("is walked with arrows, Home and End, which stop at its ends", async () => {
    const { user } = renderScreen(<Table />);
    (await row("Line 0")).focus();
    for (const [key, name] of [
      ["{ArrowDown}", "Line 1"],
      ["{End}", "Line 2"],
      ["{ArrowDown}", "Line 2"],
      ["{Home}", "Line 0"],
      ["{ArrowUp}", "Line 0"],
    ] as const) {
      await user.keyboard(key);
      await waitFor(async () => expect(document.activeElement).toBe(await row(name)));
    }
  });

  it("keeps the focus at its end when a row comes after it", async () => {
    const more = () => screen.getByRole("button", { name: "One more" });
    const { user } = renderScreen(<Growing />);
    (await row("Line 2")).focus();
    await user.keyboard("{ArrowDown}");
    more().focus();
    await row("Line 3");
    expect(document.activeElement).toBe(more());
  });

  it("begins with its first row when nothing has the focus", async () => {
    const { user } = renderScreen(<Table />);
    const first = await row("Line 0");
    await user.keyboard("{ArrowDown}");
    await waitFor(() => expect(document.activeElement).toBe(first));
  });

  it("has one row that Tab leads to, the current one", async () => {
    const { user } = renderScreen(<Table />);
    (await row("Line 0")).focus();
    await user.keyboard("{ArrowDown}");
    await waitFor(async () => expect((await row("Line 1")).tabIndex).toBe(0));
    expect((await row("Line 1")).getAttribute("aria-current")).toBe("true");
    expect((await row("Line 0")).tabIndex).toBe(-1);
  });

  it("opens a row with Enter or a click, and gives it every other key", async () => {
    const onOpen = vi.fn();
    const onKey = vi.fn();
    const { user } = renderScreen(<Table onOpen={onOpen} onKey={onKey} />);
    (await row("Line 1")).focus();
    await user.keyboard("{Enter}.");
    await user.click(await row("Line 2"));
    expect(onOpen.mock.calls.map(([line]) => line.id)).toEqual(["L1", "L2"]);
    expect(onKey).toHaveBeenCalledOnce();
  });

  it("leaves the keys of a button in a row to the button", async () => {
    const onKey = vi.fn();
    const { user } = renderScreen(<Table onKey={onKey} />);
    within(await row("Line 0"))
      .getByRole("button")
      .focus();
    await user.keyboard("{ArrowDown}.");
    expect(document.activeElement).toBe(within(await row("Line 0")).getByRole("button"));
    expect(onKey).not.toHaveBeenCalled();
  });

  it("draws the rows in sight alone, and says which they are", async () => {
    const onVisibleRange = vi.fn();
    renderScreen(<Table list={lines(1000)} onVisibleRange={onVisibleRange} />);
    await row("Line 0");
    const drawn = screen.getAllByRole("row").length;
    expect(drawn).toBeLessThan(60);
    expect(screen.getByRole("table").getAttribute("aria-rowcount")).toBe("1001");
    expect(onVisibleRange.mock.lastCall?.[0].to).toBeLessThan(60);
  });

  it("keeps the place of a row that is not there yet", async () => {
    renderScreen(<Table list={lines(2)} total={3} />);
    await row("Line 1");
    expect(screen.getByRole("table").querySelectorAll("tbody tr[aria-hidden]")).toHaveLength(1);
  });

  it("shows no row where there is none", () => {
    renderScreen(<Table list={[]} />);
    expect(screen.getAllByRole("row")).toHaveLength(1);
  });
});
