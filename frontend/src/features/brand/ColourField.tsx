import { Box, TextInput } from "@mantine/core";
import { colourOf } from "../../lib/brand";
import { t } from "../../strings/en";
import css from "./ColourField.module.css";
import type { BrandFormState } from "./useBrandForm";

/** Latchkey's own, until one is chosen. */
const ownColour = "#0b6478";

/** One colour, typed or picked. */
export function ColourField({ form, disabled }: { form: BrandFormState; disabled: boolean }) {
  const { typed, colour } = form.values;
  const set = (values: { typed: string; colour: string }) => {
    form.clearFieldError("colour");
    form.setValues(values);
  };
  const picked = colour || ownColour;
  const well = (
    <Box component="span" className={css.well} bg={picked}>
      <input
        type="color"
        aria-label={t.brand.colour}
        value={picked}
        disabled={disabled}
        onChange={(e) => set({ typed: e.currentTarget.value.toUpperCase(), colour: e.currentTarget.value })}
      />
    </Box>
  );
  return (
    <TextInput
      label={t.brand.colour}
      className="num"
      placeholder="#0B6478"
      disabled={disabled}
      description={colour ? t.brand.colourHint : t.brand.colourNone}
      leftSection={well}
      {...form.getInputProps("colour")}
      value={typed}
      onBlur={() => !form.errors.colour && form.validateField("colour")}
      onChange={(e) => {
        const text = e.currentTarget.value;
        set({ typed: text, colour: text.trim() === "" ? "" : colourOf(text) || colour });
      }}
    />
  );
}
