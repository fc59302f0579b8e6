import { fileURLToPath } from "node:url";
import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { serviceWorker } from "./worker/plugin.ts";

const server = process.env.STREAMVAULT_URL ?? "http://127.0.0.1:8080";
const proxied = [
  "/api",
  "/stream",
  "/thumb",
  "/hls",
  "/subtitles",
  "/s/",
  "/login/",
  "/healthz",
  "/readyz",
  "/config.json",
];

export default defineConfig({
  test: { include: ["src/**/*.test.ts", "src/**/*.test.tsx"], environment: "node" },
  plugins: [react(), tailwind(), serviceWorker()],
  cacheDir: process.env.VITE_CACHE ?? "node_modules/.vite",
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: process.env.UI_OUT ?? "dist",
    emptyOutDir: true,
    manifest: true,
    target: ["chrome120", "firefox121", "safari17.4"],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // the policy of the page allows no inline script or style
    sourcemap: false,
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // what the first page needs as one file: dozens of small ones cost more to load, and compress less
            {
              name: "first",
              test: /src\/(app\/router|pages\/home\/index)\.tsx|node_modules\/(react|react-dom|scheduler|@tanstack\/(?!react-virtual|virtual-core)[a-z-]+)\/(?!.*(useInfiniteQuery|infiniteQueryObserver|useQueries|queriesObserver|useMutation|mutationObserver)\.js)/,
            },
            // the other icons: as a file each, their names alone make the first one longer than all of them are
            { name: "icons", test: /node_modules\/lucide-react\// },
          ],
        },
      },
    },
  },
  server: { proxy: Object.fromEntries(proxied.map((path) => [path, { target: server, changeOrigin: false }])) },
  preview: { proxy: Object.fromEntries(proxied.map((path) => [path, { target: server, changeOrigin: false }])) },
});
