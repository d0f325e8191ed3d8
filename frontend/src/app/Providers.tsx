import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { styleNonce } from "../api/transport";
import notification from "../styles/Notification.module.css";
import { theme, variables } from "../styles/theme";

interface ProvidersProps {
  client: QueryClient;
  /** In tests, Mantine leaves out transitions. */
  env?: "default" | "test";
  children: ReactNode;
}

/** What stands around every screen: the theme, the cache of calls, and the notifications. */
export function Providers({ client, env = "default", children }: ProvidersProps) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
      env={env}
    >
      <QueryClientProvider client={client}>
        {children}
        <Notifications
          position="bottom-left"
          autoClose={5000}
          limit={3}
          zIndex={500}
          role="status"
          classNames={{ root: notification.region ?? "" }}
        />
      </QueryClientProvider>
    </MantineProvider>
  );
}
