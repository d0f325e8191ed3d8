// What is shown of a change that the relay, or something on the way to it, refused.
import type { Obstacle } from "../api/enums";
import type { EntryRow } from "../api/types";
import { t } from "../strings/en";
import { editLink, links } from "./links";

type Refusal = Pick<EntryRow, "code" | "message">;

/** What kept a change from the relay, which others reach. */
function obstacleOf({ code }: Refusal): Obstacle | null {
  return code in t.obstacle ? (code as Obstacle) : null;
}

export const refusedBy = (e: Refusal): string => (obstacleOf(e) ? t.details.blocked : t.details.refused);

export function whyRefused(e: Refusal): string {
  switch (obstacleOf(e)) {
    case null:
      return e.message || t.errors[e.code] || t.errors.unexpected || "";
    case "filter":
    case "page":
      return t.blocked.refused;
    case "size":
      return t.blocked.size;
    default:
      return t.blocked.cut;
  }
}

/** Where what was refused can be written anew; null: only by doing it again. */
export function whereToEdit({ kind, request }: Pick<EntryRow, "kind" | "request">) {
  if (kind === "save_brand") return links.brand;
  return request && (kind === "save" || kind === "edit") ? editLink(request) : null;
}
