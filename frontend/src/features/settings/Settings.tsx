import { Button } from "@mantine/core";
import { IconUserPlus } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useApp, useTitle } from "../../lib/app";
import { settingsLink } from "../../lib/links";
import { type SettingsTab, settingsTabs } from "../../lib/search";
import { t } from "../../strings/en";
import { FacebookUsers } from "../connections/FacebookUsers";
import { OwnAddress } from "../domain/OwnAddress";
import { Team } from "../team/Team";
import { Webhooks } from "../webhooks/Webhooks";
import { ComputerSettings } from "./ComputerSettings";
import { DataSettings } from "./DataSettings";
import { NotificationSettings } from "./NotificationSettings";
import { RelaySettings } from "./RelaySettings";
import css from "./Settings.module.css";

export function Settings({ tab }: { tab: SettingsTab }) {
  useTitle(t.settings.tabs[tab]);
  const { session } = useApp();
  const [inviting, setInviting] = useState(false);
  return (
    <>
      <div className="head">
        <h1>{t.settings.title}</h1>
        <span className="sp" />
        {tab === "team" && session.role === "main" ? (
          <Button
            leftSection={<IconUserPlus size={16} stroke={1.75} aria-hidden="true" />}
            onClick={() => setInviting(true)}
          >
            {t.settings.invite}
          </Button>
        ) : (
          <span className={css.noAction} />
        )}
      </div>
      <nav className="tabs" aria-label={t.settings.title}>
        {settingsTabs.map((key) => (
          <Link key={key} className="tab" {...settingsLink(key)}>
            {t.settings.tabs[key]}
          </Link>
        ))}
      </nav>
      <div className="ground" tabIndex={tab === "data" ? 0 : undefined}>
        {tab === "team" && <Team inviting={inviting} onInvited={() => setInviting(false)} />}
        {tab === "facebook" && <FacebookUsers />}
        {tab === "notifications" && <NotificationSettings />}
        {tab === "webhooks" && <Webhooks />}
        {tab === "domain" && <OwnAddress />}
        {tab === "relay" && <RelaySettings />}
        {tab === "computer" && <ComputerSettings />}
        {tab === "data" && <DataSettings />}
      </div>
    </>
  );
}
