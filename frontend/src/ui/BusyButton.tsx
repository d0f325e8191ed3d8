import { Button, type ButtonProps, Loader } from "@mantine/core";
import type { ComponentPropsWithoutRef } from "react";

interface BusyButtonProps extends ButtonProps, Omit<ComponentPropsWithoutRef<"button">, keyof ButtonProps> {
  /** Its call is running. */
  busy: boolean;
}

/** A button that starts a call. Mantine's loading would disable it and so lose the focus. */
export function BusyButton({ busy, leftSection, ...rest }: BusyButtonProps) {
  return <Button leftSection={busy ? <Loader /> : leftSection} aria-busy={busy} {...rest} />;
}
