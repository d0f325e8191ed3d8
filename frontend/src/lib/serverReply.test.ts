import { expect, it } from "vitest";
import { t } from "../strings/en";
import { explainReply } from "./serverReply";

it.each([
  ["5.1.1 mailbox unavailable", "1.1"],
  ["550 5.2.2 The mailbox is full", "2.2"],
  ["5.1.10", "1.10"],
])("explains %s by its code, with the server's own words", (reply, code) => {
  expect(explainReply(reply)).toBe(`${t.recipient.replies[code]} (${reply})`);
});

it.each(["", "mailbox unavailable", "5.1.100 no", "4.1.1 later", "blocked by 15.1.1", "version 5.1.1.2"])(
  "leaves %s as it is",
  (reply) => {
    expect(explainReply(reply)).toBe("");
  },
);
