import type { DeviceView, Member } from "../api/types";
import { now } from "./render";

/** A member, as the relay lists it. */
export function member(values: Partial<Member>): Member {
  return {
    id: "M1",
    name: "Ana Silva",
    email: "ana@northlight.example",
    role: "main",
    created: now,
    removed: 0,
    ...values,
  };
}

/** A computer of Ana's that was seen an hour ago and holds three credentials. */
export function device(values: Partial<DeviceView>): DeviceView {
  return {
    id: "D1",
    member: "M1",
    name: "Ana's laptop",
    public_key: "",
    created: now,
    last_seen: now - 3_600_000,
    approved: now,
    revoked: 0,
    credential_count: 3,
    waiting: 0,
    ...values,
  };
}
