// @vitest-environment jsdom
import { Button } from "@mantine/core";
import { screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { describe, expect, it, vi } from "vitest";
import { renderScreen } from "../testing/render";
import { DangerDialog } from "./DangerDialog";

interface QuestionProps {
  possible?: boolean;
  onYes?: () => void;
}

/** A button that opens the question. */
function Question({ possible = true, onYes = () => {} }: QuestionProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Delete…</Button>
      {open && (
        <DangerDialog
          title="Delete it?"
          words={{ close: "Close", cancel: "Cancel" }}
          yes="Delete"
          possible={possible}
          onYes={onYes}
          onClose={() => setOpen(false)}
        >
          It cannot be taken back.
        </DangerDialog>
      )}
    </>
  );
}

const button = (name: string) => screen.getByRole("button", { name });

async function opened(props: QuestionProps = {}) {
  const { user } = renderScreen(<Question {...props} />);
  await user.click(button("Delete…"));
  await screen.findByRole("dialog", { name: "Delete it?" });
  return user;
}

describe("a question about what cannot be taken back", () => {
  it("has the focus on Cancel", async () => {
    await opened();
    await waitFor(() => expect(document.activeElement).toBe(button("Cancel")));
  });

  it("is closed with Escape, and the focus goes back to where it came from", async () => {
    const onYes = vi.fn();
    const user = await opened({ onYes });
    await waitFor(() => expect(document.activeElement).toBe(button("Cancel")));
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await waitFor(() => expect(document.activeElement).toBe(button("Delete…")));
    expect(onYes).not.toHaveBeenCalled();
  });

  it("keeps Tab within it", async () => {
    const user = await opened();
    await waitFor(() => expect(document.activeElement).toBe(button("Cancel")));
    for (let n = 0; n < 4; n++) {
      await user.tab();
      expect(screen.getByRole("dialog").contains(document.activeElement)).toBe(true);
    }
  });

  it("acts once at a yes, and closes", async () => {
    const onYes = vi.fn();
    const user = await opened({ onYes });
    await user.click(button("Delete"));
    expect(onYes).toHaveBeenCalledOnce();
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  it("has no yes as long as it is not possible", async () => {
    await opened({ possible: false });
    expect(button("Delete")).toHaveProperty("disabled", true);
  });
});
