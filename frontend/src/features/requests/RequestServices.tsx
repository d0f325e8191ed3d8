import type { Service, ServiceView } from "../../api/types";
import { useRelay } from "../../lib/data";
import { useServices } from "../../lib/services";
import { t } from "../../strings/en";
import { CheckBox } from "../../ui/CheckBox";
import { PlatformTile } from "../../ui/PlatformTile";
import { errorOf, type RequestFormApi } from "./RequestForm";
import classes from "./RequestForm.module.css";

/** Why the relay does not offer a service. Empty: it does. */
function useNotOffered(): (service: ServiceView) => string {
  const platforms = useRelay().data?.platforms;
  return (service) => {
    const found = platforms?.find((p) => p.platform === service.platform);
    return found && !found.offered ? found.why || t.form.notOffered : "";
  };
}

/** What is asked for. */
export function RequestServices({ form }: { form: RequestFormApi }) {
  const { all } = useServices();
  const notOffered = useNotOffered();
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
            notOffered={notOffered(service)}
            onToggle={() => toggle(service.id)}
          />
        ))}
      </div>
      <NotOffered services={all} why={notOffered} />
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
  notOffered: string;
  onToggle: () => void;
}

function ServiceChoice({ service, on, notOffered, onToggle }: ServiceChoiceProps) {
  const disabled = notOffered !== "" && !on;
  return (
    <label className={`pick${disabled ? " no" : on ? " on" : ""}`}>
      <input type="checkbox" checked={on} disabled={disabled} onChange={onToggle} />
      <PlatformTile of={service.id} size={22} />
      <span className={`trunc ${classes.shrink}`}>
        {service.name}
        {notOffered && <span className="sr">: {notOffered}</span>}
      </span>
      <CheckBox on={on} />
    </label>
  );
}

/** What the relay has no app for, and why: once for all that share the reason. */
function NotOffered({ services, why }: { services: ServiceView[]; why: (service: ServiceView) => string }) {
  const reasons = new Map<string, string[]>();
  for (const service of services) {
    const reason = why(service);
    if (reason) reasons.set(reason, [...(reasons.get(reason) ?? []), service.name]);
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
