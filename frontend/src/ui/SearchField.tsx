import { IconSearch } from "@tabler/icons-react";
import { useRef } from "react";
import { useApp } from "../lib/app";
import { useCommand } from "../lib/shortcuts";
import type { SearchText } from "../lib/useSearchText";
import { Keys } from "./Keys";

/** The search of a list. "/" brings the focus here, Esc clears it, and once more leaves it. */
export function SearchField({ label, text }: { label: string; text: SearchText }) {
  const { preferences } = useApp();
  const field = useRef<HTMLInputElement>(null);
  useCommand("search", () => field.current?.focus());
  return (
    <span className="input">
      <IconSearch size={15} stroke={1.75} aria-hidden="true" />
      <input
        ref={field}
        data-search
        aria-label={label}
        placeholder={label}
        value={text.text}
        onChange={(e) => text.setText(e.currentTarget.value)}
        onBlur={text.flush}
        onKeyDown={(e) => {
          if (e.key !== "Escape") return;
          if (text.text === "") return e.currentTarget.blur();
          e.preventDefault(); // what the list is in stays open
          text.setText("");
        }}
      />
      {preferences.single_keys && <Keys keys={["/"]} />}
    </span>
  );
}
