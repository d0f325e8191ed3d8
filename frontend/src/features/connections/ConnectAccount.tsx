// Accounts of the agency itself: a user's ad accounts and Pages are picked, a
// CRM is signed in to, or takes an address and a key.
import { Button, Menu } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import type { ConnectionView, Platform, Service, ServiceView } from "../../api/types";
import { useServices } from "../../lib/app";
import { useConnections, useRelay } from "../../lib/data";
import { isOffered } from "../../lib/services";
import { t } from "../../strings/en";
import { PlatformTile } from "../../ui/PlatformTile";
import { ConnectDialog } from "./ConnectDialog";
import { KeyDialog } from "./KeyDialog";
import { PickDialog } from "./PickDialog";

type Task =
  | { is: "nothing" }
  | { is: "facebook" }
  | { is: "pick"; connection: string }
  | { is: "key"; service: Service }
  | { is: "crm"; platform: Platform };

/** With first it begins at once: an account that is to be connected anew. */
export function ConnectAccount({ first, onDone }: { first?: Platform | undefined; onDone: () => void }) {
  const connections = useConnections();
  const services = useServices();
  const [task, setTask] = useState<Task>({ is: "nothing" });
  const users = connections.data?.filter((c) => c.platform === "meta") ?? [];
  const close = () => {
    setTask({ is: "nothing" });
    onDone();
  };
  const begin = (platform: Platform) => setTask(taskFor(services.of(platform), users));
  const ready = connections.data !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is asked for counts, not what changes meanwhile
  useEffect(() => {
    if (first && ready) begin(first);
  }, [first, ready]);
  return (
    <>
      <ConnectMenu onChoose={begin} />
      {task.is === "facebook" && (
        <ConnectDialog
          platform="meta"
          onClose={close}
          onDone={(c) => setTimeout(() => setTask({ is: "pick", connection: c.id }), 0)}
        />
      )}
      {task.is === "crm" && <ConnectDialog platform={task.platform} account onClose={close} />}
      {task.is === "pick" && (
        <PickDialog
          first={task.connection}
          users={users}
          onClose={close}
          onAnother={() => setTask({ is: "facebook" })}
        />
      )}
      {task.is === "key" && <KeyDialog service={task.service} onClose={close} />}
    </>
  );
}

function taskFor({ id, platform, key }: ServiceView, users: ConnectionView[]): Task {
  if (platform !== "meta") return key ? { is: "key", service: id } : { is: "crm", platform };
  const user = users.find((c) => c.here) ?? users[0];
  return user ? { is: "pick", connection: user.id } : { is: "facebook" };
}

function ConnectMenu({ onChoose }: { onChoose: (platform: Platform) => void }) {
  const relay = useRelay();
  const services = useServices();
  const offered = (platform: Platform) => isOffered(relay.data, platform);
  return (
    <Menu width={280} position="bottom-end" withinPortal>
      <Menu.Target>
        <Button variant="filled" leftSection={<IconPlus size={16} stroke={1.75} aria-hidden="true" />}>
          {t.accounts.connect}
        </Button>
      </Menu.Target>
      <Menu.Dropdown aria-label={t.accounts.connect}>
        {services.all.map(({ platform, name }) => (
          <Menu.Item
            key={platform}
            disabled={!offered(platform)}
            leftSection={<PlatformTile of={platform} size={20} />}
            rightSection={offered(platform) ? null : <span className="t3 small">{t.form.notOffered}</span>}
            onClick={() => onChoose(platform)}
          >
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
