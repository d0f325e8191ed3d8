import "./styles/mantine.css";
import "./styles/app.css";
import { createRoot } from "react-dom/client";
import { Providers } from "./app/Providers";
import { Root } from "./app/Root";
import { prefetchHome, queries } from "./lib/data";

const prefetched = prefetchHome();
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <Providers client={queries}>
      <Root begun={prefetched} />
    </Providers>,
  );
}
