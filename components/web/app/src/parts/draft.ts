// What somebody has begun to write, kept for this tab until it is sent: a failed request, a reload or the end of the
// session loses nothing. Gone on signing out.
import { useCallback, useEffect, useState } from "react";

const PREFIX = "wharf.draft.";

/** `empty` must be the same object every time. */
export function useDraft<T extends object>(name: string, empty: T): [T, (change: Partial<T>) => void, () => void] {
  const [value, setValue] = useState<T>(() => ({ ...empty, ...read<T>(name) }));
  useEffect(() => {
    const isEmpty = JSON.stringify(value) === JSON.stringify(empty);
    if (isEmpty) sessionStorage.removeItem(PREFIX + name);
    else sessionStorage.setItem(PREFIX + name, JSON.stringify(value));
  }, [name, value, empty]);
  const change = useCallback((parts: Partial<T>) => setValue((before) => ({ ...before, ...parts })), []);
  const clear = useCallback(() => {
    // At once, since the page may be left before the effect runs.
    sessionStorage.removeItem(PREFIX + name);
    setValue(empty);
  }, [name, empty]);
  return [value, change, clear];
}

export function forgetDrafts() {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
}

function read<T>(name: string): Partial<T> {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + name) ?? "{}") as Partial<T>;
  } catch {
    return {};
  }
}
