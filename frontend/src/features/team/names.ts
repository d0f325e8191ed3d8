import type { Member } from "../../api/types";

export function nameOf(members: Member[], id: string): string {
  return members.find((m) => m.id === id)?.name ?? "";
}
