// @vitest-environment jsdom
import { Button, TextInput } from "@mantine/core";
import { screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { describe, expect, it, vi } from "vitest";
import { renderScreen } from "../testing/render";
import { DangerDialog } from "./DangerDialog";
import { FormDialog } from "./FormDialog";

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

describe("a form in front of everything", () => {
  const words = {
    close: "Close",
    cancel: "Cancel",
    dropTyped: "Discard it?",
    keepTyping: "Keep editing",
    drop: "Discard",
  };

  async function form() {
    const onClose = vi.fn();
    const { user } = renderScreen(
      <FormDialog
        title="A name"
        words={words}
        submit="Save"
        busy={false}
        error={null}
        onSubmit={() => {}}
        onClose={onClose}
      >
        <TextInput label="Name" data-autofocus />
      </FormDialog>,
    );
    return { user, onClose, name: await screen.findByRole("textbox", { name: "Name" }) };
  }

  it("is closed with Escape while nothing was typed", async () => {
    const { user, onClose } = await form();
    await user.keyboard("{Escape}");
    expect(onClose).toHaveBeenCalledOnce();
  });

  it("keeps what was typed when Escape is pressed, until it is said to go", async () => {
    const { user, onClose, name } = await form();
    await user.type(name, "News");
    await user.keyboard("{Escape}");
    expect((await screen.findByRole("alert")).textContent).toBe(words.dropTyped);
    expect(document.activeElement).toBe(button(words.keepTyping));
    await user.keyboard("{Escape}");
    expect(name).toHaveProperty("value", "News");
    expect(document.activeElement).toBe(name);
    await user.click(button(words.close));
    expect(onClose).not.toHaveBeenCalled();
    await user.click(button(words.drop));
    expect(onClose).toHaveBeenCalledOnce();
  });
});
