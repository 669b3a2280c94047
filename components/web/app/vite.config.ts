import { defineConfig } from "vitest/config";
import { precompress } from "./build/precompress.ts";

/** The running host, for `npm run dev`. */
const host = process.env["WHARF"] ?? "http://127.0.0.1:3000";

export default defineConfig({
  plugins: [precompress()],
  build: {
    target: "es2023",
    // The policy of our pages takes no `data:` scripts or styles, and small files compress no worse apart.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      // Libraries say "use client" for servers that draw pages; ours does not.
      onLog: (level, log, pass) => (log.code === "MODULE_LEVEL_DIRECTIVE" ? undefined : pass(level, log)),
      output: {
        // What changes only with a new version of a library stays in the browser's store when a page changes.
        codeSplitting: { groups: [{ name: "libraries", test: /node_modules/ }] },
      },
    },
  },
  server: { port: 5173, proxy: { "/api": { target: host, changeOrigin: true } } },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
