import "./styles/mantine.css";
import "./styles/app.css";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";
import { styleNonce } from "./api/transport";
import { Toasts } from "./parts/toasts";
import { begin, queries } from "./screens/data";
import { Root } from "./screens/Root";
import { theme, variables } from "./styles/theme";

const begun = begin();
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
