import "./styles/mantine.css";
import "./styles/app.css";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";
import { styleNonce } from "./api/transport";
import { Root } from "./app/Root";
import { prefetchHome, queries } from "./lib/data";
import { theme, variables } from "./styles/theme";
import { Toasts } from "./ui/toasts";

const begun = prefetchHome();
const place = document.getElementById("root");
if (place) {
  createRoot(place).render(
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
    >
      <QueryClientProvider client={queries}>
        <Toasts>
          <Root begun={begun} />
        </Toasts>
      </QueryClientProvider>
    </MantineProvider>,
  );
}
