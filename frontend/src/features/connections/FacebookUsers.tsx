import { Button } from "@mantine/core";
import { IconBrandFacebook, IconPlus } from "@tabler/icons-react";
import { useNavigate, useRouterState } from "@tanstack/react-router";
import { useEffect, useEffectEvent, useState } from "react";
import type { ConnectionView } from "../../api/types";
import { useConnections } from "../../lib/data";
import { t } from "../../strings/en";
import { Empty } from "../../ui/Empty";
import { CardLead, TitledCard } from "../../ui/TitledCard";
import { ConnectDialog } from "./ConnectDialog";
import { EndConnectionDialog } from "./EndConnectionDialog";
import { FacebookUser } from "./FacebookUser";
import { PickDialog } from "./PickDialog";

type Task = { is: "connect" } | { is: "pick"; connection: string } | { is: "end"; connection: ConnectionView };

/** The agency's own users at Facebook, and the Business Managers of each. */
export function FacebookUsers() {
  const connections = useConnections();
  const [task, setTask] = useState<Task | null>(null);
  useAskedToSignIn(() => setTask({ is: "connect" }));
  const users = connections.data?.filter((c) => c.platform === "meta") ?? [];
  const close = () => setTask(null);
  const connect = (
    <Button
      variant="filled"
      leftSection={<IconPlus size={16} stroke={1.75} aria-hidden="true" />}
      onClick={() => setTask({ is: "connect" })}
    >
      {t.settings.fbConnect}
    </Button>
  );
  return (
    <>
      <div className="settings-col">
        <TitledCard title={t.settings.fbTitle}>
          {users.length === 0 ? (
            <Empty icon={<IconBrandFacebook size={24} stroke={1.75} />} title={t.settings.fbNone} actions={connect}>
              {t.settings.fbText}
            </Empty>
          ) : (
            <CardLead text={t.settings.fbText} action={connect} />
          )}
          {users.map((c) => (
            <FacebookUser
              key={c.id}
              connection={c}
              onSignIn={() => setTask({ is: "connect" })}
              onPick={() => setTask({ is: "pick", connection: c.id })}
              onEnd={() => setTask({ is: "end", connection: c })}
            />
          ))}
        </TitledCard>
      </div>
      {task?.is === "connect" && (
        <ConnectDialog
          platform="meta"
          onClose={close}
          onDone={(c) => setTimeout(() => setTask({ is: "pick", connection: c.id }), 0)}
        />
      )}
      {task?.is === "pick" && <PickDialog first={task.connection} users={users} onClose={close} />}
      {task?.is === "end" && <EndConnectionDialog connection={task.connection} onClose={close} />}
    </>
  );
}

/** Calls open once for each time that somebody is led here to sign in; Back does not ask for it again. */
function useAskedToSignIn(open: () => void) {
  const asked = useRouterState({ select: (s) => s.location.state.signIn });
  const navigate = useNavigate();
  const take = useEffectEvent(() => {
    open();
    void navigate({ to: ".", replace: true, state: {} });
  });
  useEffect(() => {
    if (asked) take();
  }, [asked]);
}
