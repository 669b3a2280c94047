// One's own inbox: what is new, what was read, and the way to the ticket it is about.
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import * as notifications from "../api/notifications";
import type { Notification } from "../api/notifications";
import { sentence } from "../api/problem";
import { Icon } from "../parts/icon";
import { Pager } from "../parts/list";
import { PageHead } from "../parts/page";
import { Moment } from "../parts/shown";
import { Empty, Loaded } from "../parts/states";
import { Tabs } from "../parts/tabs";
import { useToast } from "../parts/toasts";
import { navigate, useQueryState } from "../router";

const READ: Record<string, string> = { unread: "false", read: "true", all: "" };

export function Inbox() {
  const [query, change] = useQueryState();
  const queries = useQueryClient();
  const toast = useToast();
  const tab = query.get("tab") ?? "unread";
  const page = Number(query.get("page") ?? 1);
  const found = useQuery({
    queryKey: ["inbox", tab, page],
    queryFn: ({ signal }) => notifications.list(READ[tab] ?? "", page, signal),
    placeholderData: keepPreviousData,
  });
  const unread = useQuery({ queryKey: ["unread"], queryFn: ({ signal }) => notifications.unread(signal) }).data;
  const tabs = [
    { key: "unread", label: "Unread", count: unread },
    { key: "read", label: "Read" },
    { key: "all", label: "All" },
  ];

  const refresh = () => {
    void queries.invalidateQueries({ queryKey: ["inbox"] });
    void queries.invalidateQueries({ queryKey: ["unread"] });
  };
  const fail = (error: unknown) => toast.fail(sentence(error));
  const markAll = () => notifications.markAllRead().then(refresh, fail);
  const mark = (entry: Notification) => notifications.markRead(entry.id).then(refresh, fail);
  const open = (entry: Notification) => {
    if (!entry.is_read) void mark(entry);
    if (entry.ticket_number) navigate(`/ticket/${entry.ticket_number}`);
  };
  return (
    <>
      <PageHead
        title="Inbox"
        actions={
          <button type="button" className="button" disabled={!unread} onClick={markAll}>
            Mark all as read
          </button>
        }
      />
      <Tabs
        label="Which messages"
        tabs={tabs}
        chosen={tab}
        onChoose={(key) => change({ tab: key === "unread" ? "" : key })}
      >
        <Loaded query={found}>
          {(shown) => (
            <>
              {shown.items.length === 0 && (
                <Empty>{tab === "unread" ? "You have read everything." : "Nothing here."}</Empty>
              )}
              <ul className="inbox" aria-label="Messages">
                {shown.items.map((entry) => (
                  <Entry key={entry.id} entry={entry} onOpen={() => open(entry)} onMark={() => mark(entry)} />
                ))}
              </ul>
              <Pager {...shown} noun="message" onPage={(to) => change({ page: String(to) })} />
            </>
          )}
        </Loaded>
      </Tabs>
    </>
  );
}

function Entry({ entry, onOpen, onMark }: { entry: Notification; onOpen: () => void; onMark: () => void }) {
  return (
    <li className={entry.is_read ? "message" : "message unread"}>
      <button type="button" className="message-open" onClick={onOpen}>
        <span className="message-subject">
          {!entry.is_read && <span className="hidden">Unread: </span>}
          {entry.subject}
        </span>
        <span className="message-text">{entry.message}</span>
        <span className="muted">
          {entry.ticket_number && <span className="number">{entry.ticket_number} · </span>}
          <Moment at={entry.created_at} />
        </span>
      </button>
      {!entry.is_read && (
        <button
          type="button"
          className="icon-button"
          aria-label={`Mark as read: ${entry.subject}`}
          title="Mark as read"
          onClick={onMark}
        >
          <Icon name="check" />
        </button>
      )}
    </li>
  );
}
