// Short messages that come and go. Announced to screen readers; errors at once.
import { createContext, type ReactNode, useContext, useMemo, useRef, useState } from "react";
import { Link } from "../router";
import { Icon } from "./icon";

interface Toast {
  readonly key: number;
  readonly kind: "done" | "news" | "error";
  readonly text: string;
  readonly to?: string | undefined;
}

interface Toasts {
  /** Something worked. */
  readonly done: (text: string) => void;
  /** Something happened elsewhere. */
  readonly tell: (text: string, to?: string) => void;
  /** Something did not work. */
  readonly fail: (text: string) => void;
}

const Context = createContext<Toasts | null>(null);

const STAY_MS = { done: 5000, news: 8000, error: 12_000 };
const MOST = 4;

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const last = useRef(0);

  const drop = (key: number) => setToasts((shown) => shown.filter((toast) => toast.key !== key));
  const show = useMemo<Toasts>(() => {
    const add = (kind: Toast["kind"], text: string, to?: string) => {
      last.current += 1;
      const key = last.current;
      setToasts((shown) => [...shown.filter((toast) => toast.text !== text), { key, kind, text, to }].slice(-MOST));
      setTimeout(() => drop(key), STAY_MS[kind]);
    };
    return {
      done: (text) => add("done", text),
      tell: (text, to) => add("news", text, to),
      fail: (text) => add("error", text),
    };
  }, []);

  const line = (toast: Toast) => (
    <li key={toast.key} className={`toast ${toast.kind}`}>
      <Icon name={toast.kind === "done" ? "check" : toast.kind === "error" ? "warning" : "bell"} />
      {toast.to ? (
        <Link to={toast.to} onClick={() => drop(toast.key)}>
          {toast.text}
        </Link>
      ) : (
        <span>{toast.text}</span>
      )}
      <button type="button" className="icon-button" aria-label="Dismiss" onClick={() => drop(toast.key)}>
        <Icon name="close" />
      </button>
    </li>
  );
  return (
    <Context value={show}>
      {children}
      <div className="toasts">
        <div role="alert" aria-label="Errors">
          <ul>{toasts.filter((toast) => toast.kind === "error").map(line)}</ul>
        </div>
        <div role="status" aria-label="Messages">
          <ul>{toasts.filter((toast) => toast.kind !== "error").map(line)}</ul>
        </div>
      </div>
    </Context>
  );
}

export function useToast(): Toasts {
  const toasts = useContext(Context);
  if (!toasts) throw new Error("outside of the toasts");
  return toasts;
}
