import { Box } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { api } from "../../api/client";
import type { PaletteView } from "../../api/types";
import { t } from "../../strings/en";
import css from "./ColourSamples.module.css";

/** What the colour became: a button and a link on both grounds. */
export function ColourSamples({ colour }: { colour: string }) {
  const [settled] = useDebouncedValue(colour, 200);
  const { data } = useQuery({
    queryKey: ["colours", settled],
    queryFn: () => api.colours({ colour: settled }),
    placeholderData: (before) => before,
  });
  if (!data || data.error) return null;
  const lightened = data.dark.fill.toLowerCase() !== data.light.fill.toLowerCase();
  return (
    <div className={css.samples}>
      <Sample palette={data.light} ground="light" />
      <Sample palette={data.dark} ground="dark" />
      <span className="small">
        <span className={css.readable}>
          <IconCheck size={15} stroke={2} aria-hidden="true" />
          {t.brand.readable}
        </span>
        <span className="t3">{lightened ? t.brand.lightened : ""}</span>
      </span>
    </div>
  );
}

function Sample({ palette, ground }: { palette: PaletteView; ground: "light" | "dark" }) {
  return (
    <Box component="span" className={css.sample} data-ground={ground} c={palette.text} aria-hidden="true">
      <Box component="span" className={css.button} data-edge={palette.border || undefined} bg={palette.fill}>
        <Box component="span" c={palette.on_fill}>
          {t.brand.button}
        </Box>
      </Box>
      <u>{t.brand.link}</u>
    </Box>
  );
}
