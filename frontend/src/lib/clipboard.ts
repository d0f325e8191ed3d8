import { notifications } from "@mantine/notifications";
import { api } from "../api/client";
import { t } from "../strings/en";

/** Puts a text into the clipboard and shows a note. */
export async function copyText(text: string): Promise<void> {
  await api.copy({ text });
  notifications.show({ message: t.copied });
}
