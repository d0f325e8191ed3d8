import { Button, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconDeviceFloppy } from "@tabler/icons-react";
import { useLocation, useNavigate } from "@tanstack/react-router";
import { api } from "../../api/client";
import { limits } from "../../api/limits";
import type { RequestForm } from "../../api/types";
import { useApp } from "../../lib/app";
import { useBackToRequests } from "../../lib/backToRequests";
import { queries } from "../../lib/data";
import { sendLink } from "../../lib/links";
import { blank } from "../../lib/request";
import { keysOf, useCommand } from "../../lib/shortcuts";
import { useSubmit } from "../../lib/useSubmit";
import { t } from "../../strings/en";
import { BusyButton } from "../../ui/BusyButton";
import { ErrorLine } from "../../ui/ErrorCard";
import { Keys } from "../../ui/Keys";
import { RequestPreview } from "./Preview";
import { RequestFacebook } from "./RequestFacebook";
import classes from "./RequestForm.module.css";
import { RequestHead } from "./RequestHead";
import { RequestServices } from "./RequestServices";
import type { RequestFormApi } from "./requestFields";

interface RequestFormProps {
  first: RequestForm;
  /** The request that is edited. Empty: a new one. */
  edit: string;
  /** Something of it was written before. */
  left: boolean;
  resumed: boolean;
}

export function RequestFormView({ first, edit, left, resumed }: RequestFormProps) {
  const navigate = useNavigate();
  const { again, to } = useLocation({ select: ({ state }) => state });
  const form = useRequestForm(first, edit);
  const { submit, busy, error, reset } = useSubmit({
    call: (values: RequestForm) => saveRequest(values, edit),
    form,
    onSuccess: (id) =>
      navigate({ ...sendLink(id, { saved: true, ...(again && { again }), ...(to && { to }) }), replace: true }),
  });
  const save = () => {
    const { hasErrors, errors } = form.validate();
    if (!hasErrors) submit(form.values);
    else if (errors.client) document.getElementById("client")?.focus();
  };
  useCommand("save", save);
  return (
    <>
      <RequestHead step={1} title={edit ? t.form.editTitle : t.form.title} />
      <div className="split">
        <form
          className="form"
          aria-label={t.form.title}
          onSubmit={(e) => {
            e.preventDefault();
            save();
          }}
        >
          {error && (
            <ErrorLine message={error.message} reference={error.reference} onClose={reset} closeWord={t.close} />
          )}
          <TextInput
            id="client"
            label={t.form.client}
            autoFocus={!resumed}
            dir="auto"
            {...form.getInputProps("client")}
          />
          <Message form={form} />
          <RequestServices form={form} />
          {form.values.services.includes("facebook") && (
            <RequestFacebook form={form} fresh={!edit && !first.services.includes("facebook")} />
          )}
          <button type="submit" hidden />
        </form>
        <RequestPreview q={{ form: form.values, request: "" }} />
      </div>
      <Bar edit={edit} kept={keptAs(form, { edit, left, resumed })} busy={busy} onSave={save} />
    </>
  );
}

/** What is said of the draft: nothing where nobody has written one. */
function keptAs(form: RequestFormApi, { edit, left, resumed }: Omit<RequestFormProps, "first">): string {
  if (edit) return "";
  if (resumed) return t.form.resumed;
  return left || form.isDirty() ? t.form.draft : "";
}

/** The form with its rules. A new request is kept as a draft while it is written. */
function useRequestForm(first: RequestForm, edit: string): RequestFormApi {
  const keepDraft = useDebouncedCallback((values: RequestForm) => void api.saveDraft(values).catch(() => {}), 400);
  return useForm<RequestForm>({
    mode: "controlled",
    initialValues: first,
    validate: {
      client: (client) => clientError(client.trim()),
      services: (services) => (services.length === 0 ? t.form.pickOne : null),
      connection: (user, values) => (asksUser(values) && user === "" ? t.form.enterUser : null),
      business: businessError,
      business_name: (name, values) => (isTyped(values) && name.trim() === "" ? t.form.enterBusinessName : null),
    },
    onValuesChange: (values) => {
      if (!edit) keepDraft(values);
    },
  });
}

const asksUser = ({ services, by_hand }: RequestForm) => services.includes("facebook") && !by_hand;

/** Whether the Business Manager is typed: by hand, no Facebook user has to be connected. */
const isTyped = ({ services, by_hand, connection }: RequestForm) =>
  services.includes("facebook") && by_hand && connection === "";

/** What can be an id, or an ad account's, of which Go says more. */
const businessID = /^(act_.*|\d{6,20})$/i;

function businessError(id: string, values: RequestForm): string | null {
  if (!values.services.includes("facebook")) return null;
  if (id.trim() === "") return isTyped(values) ? t.form.enterBusinessID : t.form.enterBusiness;
  return isTyped(values) && !businessID.test(id.replace(/\s/g, "")) ? t.form.businessIDDigits : null;
}

function clientError(client: string): string | null {
  if (client === "") return t.form.enterClient;
  return [...client].length > limits.client ? t.form.clientTooLong(limits.client) : null;
}

/** Saves it and gives its id. */
async function saveRequest(values: RequestForm, edit: string): Promise<string> {
  const facebook = values.services.includes("facebook");
  const none = { connection: "", business: "", business_name: "", by_hand: false, level: "advertise" } as const;
  const request: RequestForm = facebook ? values : { ...values, ...none, kinds: [] };
  const id = edit ? await api.editRequest(request).then(() => edit) : await api.saveRequest(request);
  if (!edit) await api.saveDraft(blank).catch(() => {});
  await queries.invalidateQueries({ queryKey: ["request", id] });
  return id;
}

function Message({ form }: { form: RequestFormApi }) {
  const counter = t.form.counter([...form.values.message].length, limits.message);
  return (
    <Textarea
      id="message"
      rows={3}
      dir="auto"
      placeholder={t.form.messageHint}
      label={
        <>
          {t.form.message}
          <span className={`num ${classes.counter}`} aria-live="off">
            {counter}
          </span>
        </>
      }
      {...form.getInputProps("message")}
    />
  );
}

interface BarProps {
  edit: string;
  /** What is said of the draft. */
  kept: string;
  busy: boolean;
  onSave: () => void;
}

function Bar({ edit, kept, busy, onSave }: BarProps) {
  const back = useBackToRequests();
  const { mac } = useApp();
  const discard = () => {
    if (!edit) void api.saveDraft(blank).catch(() => {});
    back();
  };
  return (
    <div className="bar">
      {kept && (
        <span className="t3 mid row gap8">
          <IconDeviceFloppy size={16} stroke={1.75} aria-hidden="true" />
          {kept}
        </span>
      )}
      <span className="sp" />
      <Button variant="subtle" onClick={discard}>
        {t.form.discard}
      </Button>
      <BusyButton variant="filled" busy={busy} rightSection={<Keys keys={keysOf("Mod+S", mac)} />} onClick={onSave}>
        {t.form.save}
      </BusyButton>
    </div>
  );
}
