import type { Service, ServiceView } from "../../api/types";
import { useApp, useServices } from "../../lib/app";
import { useMembers, useRelay } from "../../lib/data";
import { canBeAsked } from "../../lib/services";
import { t } from "../../strings/en";
import { CheckBox } from "../../ui/CheckBox";
import { PlatformTile } from "../../ui/PlatformTile";
import classes from "./RequestForm.module.css";
import { errorOf, type RequestFormApi } from "./requestFields";

/** What is asked for. */
export function RequestServices({ form }: { form: RequestFormApi }) {
  const { all } = useServices();
  const relay = useRelay().data;
  const chosen = form.values.services;
  const error = errorOf(form, "services");
  const toggle = (service: Service) =>
    form.setFieldValue(
      "services",
      all.map((s) => s.id).filter((s) => (s === service) !== chosen.includes(s)),
    );
  return (
    <fieldset className={classes.services} aria-describedby="services-error">
      <legend className="label">{t.form.services}</legend>
      <div className="service-grid">
        {all.map((service) => (
          <ServiceChoice
            key={service.id}
            service={service}
            on={chosen.includes(service.id)}
            offered={canBeAsked(relay, service.platform)}
            onToggle={() => toggle(service.id)}
          />
        ))}
      </div>
      <NotOffered services={all.filter((s) => !canBeAsked(relay, s.platform))} />
      {error && (
        <p id="services-error" className="hint fail" role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}

interface ServiceChoiceProps {
  service: ServiceView;
  on: boolean;
  offered: boolean;
  onToggle: () => void;
}

function ServiceChoice({ service, on, offered, onToggle }: ServiceChoiceProps) {
  const disabled = !offered && !on;
  return (
    <label className={`pick${disabled ? " no" : on ? " on" : ""}`}>
      <input type="checkbox" checked={on} disabled={disabled} onChange={onToggle} />
      <PlatformTile of={service.id} size={22} />
      <span className={`trunc ${classes.shrink}`}>
        {service.name}
        {!offered && <span className="sr">: {t.form.notOffered}</span>}
      </span>
      <CheckBox on={on} />
    </label>
  );
}

/** What the relay is not set up for, who can change that, and what the reader can do. */
function NotOffered({ services }: { services: ServiceView[] }) {
  const { role } = useApp().session;
  const relay = useRelay().data;
  const members = useMembers().data;
  if (services.length === 0 || !relay) return null;
  const mains = members?.filter((m) => m.role === "main" && !m.removed).map((m) => m.name) ?? [];
  const { operator, contact } = relay;
  return (
    <p className={`hint ${classes.hint}`}>
      <b className={classes.strong}>{services.map((s) => s.name).join(", ")}:</b> {t.form.notOfferedText(operator)}{" "}
      {role === "main" ? t.form.notOfferedMain(contact) : t.form.notOfferedSub(mains, contact)}
    </p>
  );
}
