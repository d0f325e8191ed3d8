// @vitest-environment jsdom
import { TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { api } from "../api/client";
import { t } from "../strings/en";
import { bridge, deferred, Refusal } from "../testing/bridge";
import { renderScreen } from "../testing/render";
import { useSubmit } from "./useSubmit";

function EntryForm({ onSaved = () => {} }: { onSaved?: () => void }) {
  const form = useForm({ mode: "uncontrolled", initialValues: { text: "" } });
  const { submit, busy, error } = useSubmit({
    call: (values: { text: string }) => api.copy(values),
    form,
    success: "Copied.",
    onSuccess: onSaved,
  });
  return (
    <form onSubmit={form.onSubmit((values) => submit(values))}>
      <TextInput label="Text" key={form.key("text")} {...form.getInputProps("text")} />
      <button type="submit" aria-busy={busy}>
        Copy
      </button>
      {error && <p role="alert">{error.message}</p>}
    </form>
  );
}

const button = () => screen.getByRole("button", { name: "Copy" });

describe("a form that is submitted", () => {
  it("is busy until the call ends, then confirms it", async () => {
    const answer = deferred<null>();
    const calls = bridge({ copy: () => answer.promise });
    let saved = 0;
    const { user } = renderScreen(<EntryForm onSaved={() => saved++} />);
    await user.type(screen.getByLabelText("Text"), "K7Q2");
    await user.click(button());
    await waitFor(() => expect(button().getAttribute("aria-busy")).toBe("true"));
    expect(saved).toBe(0);
    answer.resolve(null);
    await screen.findByText("Copied.");
    await waitFor(() => expect(button().getAttribute("aria-busy")).toBe("false"));
    expect(saved).toBe(1);
    expect(calls).toEqual([{ name: "copy", params: { text: "K7Q2" } }]);
  });

  it("calls once when it is submitted twice at the same time", async () => {
    const answer = deferred<null>();
    const calls = bridge({ copy: () => answer.promise });
    renderScreen(<EntryForm />);
    button().click();
    button().click();
    await waitFor(() => expect(calls).toHaveLength(1));
    answer.resolve(null);
    await screen.findByText("Copied.");
    expect(calls).toHaveLength(1);
  });

  it("shows an error on the field that it names, and puts the focus there", async () => {
    bridge({ copy: () => new Refusal("invalid", "text", "That is too long.") });
    const { user } = renderScreen(<EntryForm />);
    await user.click(button());
    await screen.findByText("That is too long.");
    expect(screen.getByLabelText("Text").getAttribute("aria-invalid")).toBe("true");
    expect(document.activeElement).toBe(screen.getByLabelText("Text"));
    expect(screen.getAllByRole("alert").map((a) => a.textContent)).toEqual(["That is too long."]);
  });

  it("shows any other error beside the form, until it is submitted again", async () => {
    let refused = true;
    bridge({ copy: () => (refused ? new Refusal("unexpected") : null) });
    const { user } = renderScreen(<EntryForm />);
    await user.click(button());
    expect((await screen.findByRole("alert")).textContent).toBe(t.errors.unexpected);
    refused = false;
    await user.click(button());
    await screen.findByText("Copied.");
    expect(screen.queryByRole("alert")).toBeNull();
  });
});
