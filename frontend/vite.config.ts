import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The screens are files beside the program: no host but their own is ever asked.
export default defineConfig({
  plugins: [react()],
  base: "./",
  server: { fs: { allow: [".."] } }, // the marks are files of the wizard
  build: { outDir: "dist", emptyOutDir: false, assetsInlineLimit: 0, target: "es2022", chunkSizeWarningLimit: 1500 },
});
