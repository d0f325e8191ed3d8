import { t } from "../../strings/en";
import { CardBody, TitledCard } from "../../ui/TitledCard";
import { NewsSettings } from "./NewsSettings";
import { PreferenceSwitch } from "./PreferenceSwitch";
import css from "./Settings.module.css";

export function NotificationSettings() {
  return (
    <div className="settings-col">
      <TitledCard title={t.settings.notifications}>
        <div className={css.switches}>
          <PreferenceSwitch
            of="notify_connected"
            label={t.settings.notifyConnected}
            hint={t.settings.notifyConnectedHint}
          />
          <hr className="hr" />
          <PreferenceSwitch of="notify_clients" label={t.settings.notifyClients} hint={t.settings.notifyClientsHint} />
          <hr className="hr" />
          <PreferenceSwitch of="notify_broken" label={t.settings.notifyBroken} hint={t.settings.notifyBrokenHint} />
          <hr className="hr" />
          <PreferenceSwitch of="notify_devices" label={t.settings.notifyDevices} hint={t.settings.notifyDevicesHint} />
        </div>
      </TitledCard>
      <NewsSettings />
      <TitledCard title={t.settings.closingTitle}>
        <CardBody>
          <p className="t2">{t.settings.closing}</p>
        </CardBody>
      </TitledCard>
    </div>
  );
}
