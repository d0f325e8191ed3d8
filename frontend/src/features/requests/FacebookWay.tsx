import { TextInput } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useRelay } from "../../lib/data";
import { t } from "../../strings/en";
import classes from "./RequestForm.module.css";
import { errorOf, type RequestFormApi } from "./requestFields";

type FormProps = { form: RequestFormApi };

/** What the relay offers at Facebook. Of an older relay: the sign-in alone. */
export function useFacebookWays() {
  const meta = useRelay().data?.platforms.find((p) => p.platform === "meta");
  const byHand = meta?.by_hand === true;
  return { byHand, signIn: !byHand || meta?.offered !== false, byHandFirst: byHand && meta?.by_hand_first === true };
}

/** Whether the client signs in at Facebook, or shares by hand. Nothing, where there is no choice. */
export function FacebookWay({ form, fresh }: FormProps & { fresh: boolean }) {
  const ways = useFacebookWays();
  const { by_hand } = form.values;
  const { setFieldValue } = form;
  const only = ways.byHand && !ways.signIn;
  const begun = useRef(!fresh); // the way of a new request is set once: staff may choose the other one
  const first = ways.byHandFirst && !begun.current;
  useEffect(() => {
    if (first) begun.current = true;
    if ((only || first) && !by_hand) setFieldValue("by_hand", true);
  }, [only, first, by_hand, setFieldValue]);
  if (!ways.byHand) return null;
  if (only) return <p className={`hint ${classes.hint}`}>{t.form.onlyByHand}</p>;
  return (
    <fieldset className={`choices ${classes.way}`}>
      <legend className="label">{t.form.way}</legend>
      <div className="level-grid">
        {[false, true].map((way) => (
          <label key={String(way)} className={`pick${by_hand === way ? " on" : ""}`}>
            <input type="radio" name="way" checked={by_hand === way} onChange={() => setFieldValue("by_hand", way)} />
            <span className="radio" aria-hidden="true" />
            <span className="wraps">{way ? t.form.wayByHand : t.form.waySignIn}</span>
          </label>
        ))}
      </div>
      {by_hand && <p className="hint">{t.form.byHandHint}</p>}
    </fieldset>
  );
}

/** The Business Manager for the client to share with, of which no Facebook user is connected. */
export function BusinessByHand({ form }: FormProps) {
  return (
    <>
      <div className="two2">
        <TextInput
          label={t.form.businessID}
          inputMode="numeric"
          autoComplete="off"
          spellCheck={false}
          value={form.values.business}
          error={errorOf(form, "business") || undefined}
          onChange={(e) => form.setFieldValue("business", e.currentTarget.value)}
        />
        <TextInput
          label={t.form.businessName}
          dir="auto"
          value={form.values.business_name}
          error={errorOf(form, "business_name") || undefined}
          onChange={(e) => form.setFieldValue("business_name", e.currentTarget.value)}
        />
      </div>
      <p className={`hint ${classes.hint}`}>{t.form.businessHint}</p>
    </>
  );
}
