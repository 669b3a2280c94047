// Live updates for the pages: notifications of the person, comments of a ticket, and asking again for what is shown.
import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef, useState } from "react";
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import * as comments from "../api/comments";
import * as notifications from "../api/notifications";
import type { Told } from "../api/notifications";
import { useToast } from "../parts/toasts";
import { listen } from "./stream";

const OfflineContext = createContext(false);

/** Whether live updates have been interrupted for longer than a blink. */
export const useOffline = () => useContext(OfflineContext);

const BLINK_MS = 3000;
/** Several events of one cause are one reason to look. */
const GATHER_MS = 150;
/** What other services make of an action is there by then. */
const SETTLE_MS = 1500;
/** Does not change while people work. */
const LASTING: readonly unknown[] = ["catalogue", "roles"];

function askAgain(queries: QueryClient) {
  void queries.invalidateQueries({ predicate: (query) => !LASTING.includes(query.queryKey[0]) });
}

/** Asks again for everything that is shown, after a change of one's own: at once, and when it has had its effects. */
export function useRefresh(): () => void {
  const queries = useQueryClient();
  return useCallback(() => {
    askAgain(queries);
    setTimeout(() => askAgain(queries), SETTLE_MS);
  }, [queries]);
}

/** Listens to the person's own channel. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const toast = useToast();
  const [isOffline, setOffline] = useState(false);
  const blink = useRef<ReturnType<typeof setTimeout>>(undefined);
  const gather = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => {
    const look = () => {
      clearTimeout(gather.current);
      gather.current = setTimeout(() => askAgain(queries), GATHER_MS);
    };
    const stop = listen({
      url: notifications.STREAM,
      name: "notification",
      onEvent: (data) => {
        if (isTold(data)) {
          queries.setQueryData(["unread"], data.unread);
          toast.tell(data.subject, data.ticket_number ? `/ticket/${data.ticket_number}` : undefined);
        }
        look();
      },
      onMissed: look,
      onState: (isLive) => {
        if (isLive) {
          clearTimeout(blink.current);
          blink.current = undefined;
          setOffline(false);
        } else {
          // Every attempt of the browser fails anew; the first one counts.
          blink.current ??= setTimeout(() => setOffline(true), BLINK_MS);
        }
      },
      probe: () => notifications.unread(),
    });
    return () => {
      stop();
      clearTimeout(blink.current);
      blink.current = undefined;
      clearTimeout(gather.current);
    };
  }, [queries, toast]);

  return <OfflineContext value={isOffline}>{children}</OfflineContext>;
}

/** Listens to what is said about a ticket, while its page is open. */
export function useLiveComments(ticket: string, isAllowed: boolean) {
  const queries = useQueryClient();
  useEffect(() => {
    if (!isAllowed) return;
    const look = () => void queries.invalidateQueries({ queryKey: ["comments", ticket] });
    return listen({
      url: comments.streamOf(ticket),
      name: "comment",
      onEvent: look,
      onMissed: look,
      onState: () => undefined,
      probe: () => notifications.unread(),
    });
  }, [queries, ticket, isAllowed]);
}

function isTold(data: unknown): data is Told {
  return typeof data === "object" && data !== null && "subject" in data && "unread" in data;
}
