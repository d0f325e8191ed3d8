import { IconAlertCircle, IconCopy, IconX } from "@tabler/icons-react";
import type { ClipboardEvent, KeyboardEvent, RefObject } from "react";
import { limits } from "../../api/limits";
import type { TypedRecipient } from "../../api/types";
import { endsAddress, isWrong } from "../../lib/recipients";
import { t } from "../../strings/en";
import classes from "./SendRequest.module.css";
import type { Recipients } from "./useRecipients";

interface RecipientsFieldProps {
  to: Recipients;
  input: RefObject<HTMLInputElement | null>;
}

/** Addresses as they are typed or pasted, each of which can be removed. Mantine's TagsInput marks none as wrong. */
export function RecipientsField({ to, input }: RecipientsFieldProps) {
  return (
    <div className="field">
      <label className="label" htmlFor="recipients">
        {t.form.recipients}
      </label>
      <div className="tagbox" onClick={() => input.current?.focus()}>
        {to.checked.map((a, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same address may be typed twice
          <Address key={a.address + n} of={a} onEdit={() => to.edit(a.address)} onRemove={() => to.remove(a.address)} />
        ))}
        <input
          ref={input}
          id="recipients"
          type="text"
          inputMode="email"
          autoComplete="off"
          spellCheck={false}
          autoFocus
          value={to.typed}
          placeholder={to.checked.length === 0 ? t.form.recipientsPlaceholder : ""}
          aria-describedby="recipients-hint"
          aria-invalid={to.checked.some(isWrong) || undefined}
          onChange={(e) => to.type(e.currentTarget.value)}
          onKeyDown={(e) => press(e, to)}
          onPaste={(e) => paste(e, to)}
          onBlur={() => to.typed.trim() !== "" && to.take(to.typed)}
        />
      </div>
      <RecipientsHint to={to} />
    </div>
  );
}

/** A comma, a semicolon or a space after an address ends it, and so does Enter; Enter alone sends. */
function press(e: KeyboardEvent<HTMLInputElement>, to: Recipients) {
  const typing = to.typed.trim() !== "";
  if (typing && (e.key === "Enter" || ([",", ";", " "].includes(e.key) && endsAddress(to.typed)))) {
    e.preventDefault();
    to.take(to.typed);
  } else if (e.key === "Enter") {
    e.preventDefault();
    to.send();
  } else if (e.key === "Backspace" && to.typed === "") {
    to.removeLast();
  }
}

function paste(e: ClipboardEvent<HTMLInputElement>, to: Recipients) {
  const text = e.clipboardData.getData("text");
  if (/[\n;]|@.*[,<@]|[,<].*@/.test(text)) {
    e.preventDefault();
    to.take(to.typed + text);
  }
}

interface AddressProps {
  of: TypedRecipient;
  onEdit: () => void;
  onRemove: () => void;
}

function Address({ of, onEdit, onRemove }: AddressProps) {
  const { address, verdict } = of;
  const look = isWrong(of) ? "invalid" : verdict === "duplicate" ? verdict : "";
  return (
    <span className={`tag ${look}`}>
      {isWrong(of) && <IconAlertCircle size={15} stroke={1.75} aria-hidden="true" />}
      {verdict === "duplicate" && <IconCopy size={15} stroke={1.75} aria-hidden="true" />}
      <button type="button" className="text trunc" title={t.form.editAddress(address)} onClick={onEdit}>
        {address}
      </button>
      <button type="button" aria-label={t.form.remove(address)} onClick={onRemove}>
        <IconX size={14} stroke={1.75} aria-hidden="true" />
      </button>
    </span>
  );
}

/** What is wrong with the addresses; nothing: how they are typed. */
function RecipientsHint({ to }: { to: Recipients }) {
  const addressesThatAre = (verdict: TypedRecipient["verdict"]) =>
    to.checked.filter((a) => a.verdict === verdict).map((a) => a.address);
  const told = to.checked.filter((a) => a.message !== "").map((a) => a.message);
  const invalid = to.checked.filter((a) => a.verdict === "invalid" && a.message === "").map((a) => a.address);
  const failed = addressesThatAre("failed");
  const doubled = new Set(addressesThatAre("duplicate").map((a) => a.toLowerCase()));
  const tooMany = to.count > limits.recipients;
  const fine = to.missing === "" && to.checked.every((a) => a.verdict === "valid") && !tooMany;
  return (
    <p id="recipients-hint" className={`hint ${classes.hint}`} role="status">
      {to.missing && <span className="fail">{to.missing} </span>}
      {told.length > 0 && <span className="fail">{told.join(" ")} </span>}
      {invalid.length > 0 && <span className="fail">{t.form.notFull(invalid)} </span>}
      {failed.length > 0 && <span className="fail">{t.form.failedBefore(failed)} </span>}
      {doubled.size > 0 && (doubled.size === 1 ? t.form.double : t.form.doubleMany(doubled.size))}
      {tooMany && <span className="fail"> {t.form.tooMany(to.count, limits.recipients)}</span>}
      {to.named && to.checked.length > 0 && `${t.form.nameNotKept} `}
      {fine && t.form.recipientsHint}
    </p>
  );
}
