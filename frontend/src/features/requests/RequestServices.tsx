import type { Service } from "../../api/enums";
import { useRelay } from "../../lib/data";
import { serviceName, t } from "../../strings/en";
import { platformOf, services } from "../../strings/services";
import { CheckBox } from "../../ui/CheckBox";
import { PlatformTile } from "../../ui/PlatformTile";
import { errorOf, type RequestFormApi } from "./RequestForm";
import classes from "./RequestForm.module.css";

/** Why the relay does not offer a service. Empty: it does. */
function useNotOffered(): (service: Service) => string {
  const platforms = useRelay().data?.platforms;
  return (service) => {
    const found = platforms?.find((p) => p.platform === platformOf(service));
    return found && !found.offered ? found.why || t.form.notOffered : "";
  };
}

/** What is asked for. */
export function RequestServices({ form }: { form: RequestFormApi }) {
  const notOffered = useNotOffered();
  const chosen = form.values.services;
  const error = errorOf(form, "services");
  const toggle = (service: Service) =>
    form.setFieldValue(
      "services",
      services.filter((s) => (s === service) !== chosen.includes(s)),
    );
  return (
    <fieldset className={classes.services} aria-describedby="services-error">
      <legend className="label">{t.form.services}</legend>
      <div className="service-grid">
        {services.map((service) => (
          <ServiceChoice
            key={service}
            service={service}
            on={chosen.includes(service)}
            notOffered={notOffered(service)}
            onToggle={() => toggle(service)}
          />
        ))}
      </div>
      <NotOffered why={notOffered} />
      {error && (
        <p id="services-error" className="hint fail" role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}

interface ServiceChoiceProps {
  service: Service;
  on: boolean;
  notOffered: string;
  onToggle: () => void;
}

function ServiceChoice({ service, on, notOffered, onToggle }: ServiceChoiceProps) {
  const disabled = notOffered !== "" && !on;
  return (
    <label className={`pick${disabled ? " no" : on ? " on" : ""}`}>
      <input type="checkbox" checked={on} disabled={disabled} onChange={onToggle} />
      <PlatformTile of={service} size={22} />
      <span className={`trunc ${classes.shrink}`}>
        {serviceName[service]}
        {notOffered && <span className="sr">: {notOffered}</span>}
      </span>
      <CheckBox on={on} />
    </label>
  );
}

/** What the relay has no app for, and why: once for all that share the reason. */
function NotOffered({ why }: { why: (service: Service) => string }) {
  const reasons = new Map<string, string[]>();
  for (const service of services) {
    const reason = why(service);
    if (reason) reasons.set(reason, [...(reasons.get(reason) ?? []), serviceName[service]]);
  }
  return (
    <>
      {[...reasons].map(([reason, names]) => (
        <p key={reason} className={`hint ${classes.hint}`}>
          <b className={classes.strong}>{names.join(", ")}:</b> {reason}
        </p>
      ))}
    </>
  );
}
