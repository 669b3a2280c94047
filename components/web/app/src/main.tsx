// The start: everything that surrounds the pages, from the outside in.
import "./style/base.css";
import "./style/layout.css";
import "./style/parts.css";
import "./style/pages.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Problem } from "./api/problem";
import { App } from "./app";
import { Guarded } from "./parts/guarded";
import { ToastProvider } from "./parts/toasts";
import { SessionProvider } from "./session/session";
import { applyTheme } from "./session/theme";

applyTheme();

/** Refusals stay refusals; what is only busy or away is asked again, twice. */
const again = (failures: number, error: Error) =>
  failures < 2 && !(error instanceof Problem && ![429, 502, 503, 504].includes(error.status));
const pause = (failures: number, error: Error) =>
  error instanceof Problem && error.retryAfter ? Math.min(error.retryAfter, 10) * 1000 : 500 * 2 ** failures;

const queries = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 5000, retry: again, retryDelay: pause, networkMode: "always" },
    mutations: { networkMode: "always" },
  },
});

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Guarded>
        <QueryClientProvider client={queries}>
          <ToastProvider>
            <SessionProvider>
              <App />
            </SessionProvider>
          </ToastProvider>
        </QueryClientProvider>
      </Guarded>
    </StrictMode>,
  );
}
