import "./styles/mantine.css";
import "./styles/app.css";
import { createRoot } from "react-dom/client";
import { connect } from "./api/transport";
import { App } from "./app/App";
import { Providers } from "./app/Providers";
import { createAppRouter } from "./app/router";
import { prefetchHome, prefetchServices, queries } from "./lib/data";
import "./ui/cutText";

await connect();
const router = createAppRouter();
const prefetched = Promise.all([prefetchHome(), prefetchServices().then(() => router.load())]);
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <Providers client={queries}>
      <App router={router} prefetched={prefetched} />
    </Providers>,
  );
}
