// What happened: to the ticket, and in the work on it.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { TicketEvent } from "../../api/tickets";
import * as workflows from "../../api/workflows";
import type { LogItem, Task } from "../../api/workflows";
import { Moment } from "../../parts/shown";
import { Loaded } from "../../parts/states";

const KINDS: Record<string, string> = {
  created: "submitted the request",
  approved: "approved it",
  rejected: "rejected it",
  claimed: "claimed it",
  assigned: "assigned the work",
  status: "changed the status",
  withdrawn: "withdrew it",
  closed: "closed it",
  auto_closed: "closed it after a while without an answer",
  reopened: "reopened it",
  rated: "rated the service",
  attachment: "added files",
  edited: "edited it",
};

/** Lines that are shown at once. */
const FEW = 6;

export function TicketLog({ events }: { events: readonly TicketEvent[] }) {
  const [isWhole, setWhole] = useState(false);
  if (events.length === 0) return null;
  const newestFirst = events.toReversed();
  return (
    <section className="panel" aria-labelledby="log">
      <h2 id="log">History</h2>
      <ol className="log">
        {(isWhole ? newestFirst : newestFirst.slice(0, FEW)).map((event, at) => (
          <li key={`${event.at}/${at}`}>
            <p>
              <b>{event.actor}</b> {KINDS[event.kind] ?? event.kind}
              {event.is_internal && <span className="muted"> (internal)</span>}
              {event.from && event.to && event.from !== event.to && (
                <>
                  : {event.from} → {event.to}
                </>
              )}
            </p>
            {event.note && <p className="log-note">{event.note}</p>}
            <p className="muted">
              <Moment at={event.at} />
            </p>
          </li>
        ))}
      </ol>
      {!isWhole && events.length > FEW && (
        <button type="button" className="button quiet" onClick={() => setWhole(true)}>
          Show all {events.length}
        </button>
      )}
    </section>
  );
}

const STATES: Record<string, string> = {
  new: "assigned",
  in_progress: "in progress",
  resolved: "done",
  reassigned: "transferred",
  escalated: "escalated",
  cancelled: "cancelled",
};

/** Closed until somebody wants to know. */
export function ActionLog({ task }: { task: Task }) {
  const [isOpen, setOpen] = useState(false);
  const log = useQuery({
    queryKey: ["log", task.id],
    queryFn: ({ signal }) => workflows.log(task.id, signal),
    enabled: isOpen,
  });
  return (
    <section className="panel">
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <h2>Action log</h2>
        </summary>
        {isOpen && (
          <Loaded query={log} lines={3}>
            {({ items }) => (
              <ol className="log">
                {items.map((item) => (
                  <Entry key={item.id} item={item} />
                ))}
              </ol>
            )}
          </Loaded>
        )}
      </details>
    </section>
  );
}

function Entry({ item }: { item: LogItem }) {
  const origin = item.origin === "System" ? "" : ` (${item.origin.toLowerCase()})`;
  return (
    <li>
      <p>
        <b>{item.assignee.name}</b>, {item.step.name}
        {origin}: {item.transition ?? STATES[item.state] ?? item.state}
      </p>
      {item.notes && <p className="log-note">{item.notes}</p>}
      <p className="muted">
        assigned <Moment at={item.assigned_at} />
        {item.acted_at && (
          <>
            , acted <Moment at={item.acted_at} />
          </>
        )}
        {item.breached_at && <span className="late"> · late</span>}
      </p>
    </li>
  );
}
