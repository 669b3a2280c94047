// An event stream that survives what browsers give up on: an answer that is no stream (the session was too old), and
// tabs nobody looks at, whose connections are given back since a browser has few of them.

export interface Listener {
  readonly url: string;
  /** The name of the events. */
  readonly name: string;
  readonly onEvent: (data: unknown) => void;
  /** Events may have been missed: look again. */
  readonly onMissed: () => void;
  readonly onState: (isLive: boolean) => void;
  /** Asks the server for something small, which renews the session if that is what is wrong. */
  readonly probe: () => Promise<unknown>;
}

const FIRST_DELAY_MS = 1000;
const LAST_DELAY_MS = 30_000;
/** Looking away for a moment costs nothing. */
const HIDDEN_MS = 10_000;

/** Listens until the returned function is called. */
export function listen(listener: Listener): () => void {
  let source: EventSource | null = null;
  let wasOpen = false;
  let failures = 0;
  let isStopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };
  const open = () => {
    if (isStopped) return;
    close();
    const opened = new EventSource(listener.url);
    source = opened;
    opened.onopen = () => {
      failures = 0;
      listener.onState(true);
      if (wasOpen) listener.onMissed();
      wasOpen = true;
    };
    opened.onerror = () => {
      listener.onState(false);
      if (opened.readyState === EventSource.CLOSED && source === opened) reopenLater();
    };
    opened.addEventListener(listener.name, (event) => listener.onEvent(parse(event.data)));
  };
  const reopenLater = () => {
    const delay = Math.min(LAST_DELAY_MS, FIRST_DELAY_MS * 2 ** failures);
    failures += 1;
    clearTimeout(timer);
    timer = setTimeout(() => listener.probe().then(open, () => isStopped || reopenLater()), delay);
  };
  const visibility = () => {
    clearTimeout(timer);
    if (document.visibilityState === "hidden") timer = setTimeout(close, HIDDEN_MS);
    else if (!source || source.readyState === EventSource.CLOSED) open();
  };

  if (document.visibilityState === "visible") open();
  document.addEventListener("visibilitychange", visibility);
  return () => {
    isStopped = true;
    document.removeEventListener("visibilitychange", visibility);
    close();
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
