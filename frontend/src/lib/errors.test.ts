import { describe, expect, it } from "vitest";
import { CallError, readError } from "../api/transport";
import { toUiError } from "./errors";

describe("errors", () => {
  it("reads code, field, sentence and reference of Go's text", () => {
    const e = readError(
      new Error('{"code":"invalid","field":"client","message":"Enter the client\'s name.","reference":""}'),
    );
    expect(e).toBeInstanceOf(CallError);
    expect(toUiError(e)).toEqual({
      code: "invalid",
      field: "client",
      message: "Enter the client's name.",
      reference: "",
    });
  });
  it("shows no raw text of what it cannot read", () => {
    const told = toUiError(new Error("dial tcp 127.0.0.1: connection refused"));
    expect(told.code).toBe("unexpected");
    expect(told.message).not.toContain("dial");
  });
  it("has a sentence for a code without words", () => {
    expect(toUiError(new CallError("rate_limited")).message).toContain("minute");
    expect(toUiError(new CallError("something_newer")).message).not.toBe("");
  });
});
