import { api } from "../../api/client";
import type { Webhook, WebhookList } from "../../api/types";

/** Saves a webhook with something changed: its address stays as it is. */
export function changeWebhook(hook: Webhook, change: { on?: boolean; new_secret?: boolean }): Promise<WebhookList> {
  const { id, name, form, kinds, on } = hook;
  return api.saveWebhook({ id, name, form, address: "", kinds, on, new_secret: false, ...change });
}

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** An id for a new webhook. The screen makes it: saved twice, it is still one webhook. */
export function newWebhookID(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(26)), (b) => digits[b % digits.length]).join("");
}
