// A page of tasks: the same table for one's own work, owned tasks and all tasks.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Page } from "../api/http";
import { PRIORITIES } from "../api/tickets";
import type { TaskFilter, TaskLine } from "../api/workflows";
import { Filter, Pager, Search } from "../parts/list";
import { Moment, PriorityBadge, SlaBar } from "../parts/shown";
import { Empty, Loaded } from "../parts/states";
import { Tabs, type Tab } from "../parts/tabs";
import { Link, useQueryState } from "../router";

const EVERY_MS = 60_000;

interface Props {
  /** The first tab is shown where the address names none. */
  readonly tabs: readonly Tab[];
  readonly name: string;
  readonly load: (filter: TaskFilter, signal?: AbortSignal) => Promise<Page<TaskLine>>;
  readonly hasPriorities?: boolean;
  /** Whether the table names who has the work. */
  readonly showsAssignee: boolean;
  readonly empty: ReactNode;
}

export function TaskPages({ tabs, name, load, hasPriorities = false, showsAssignee, empty }: Props) {
  const [query, change] = useQueryState();
  const first = tabs[0]?.key ?? "";
  const value = (field: string) => query.get(field) ?? "";
  const filter = {
    tab: value("tab") || first,
    priority: value("priority"),
    search: value("search"),
    page: Number(value("page") || 1),
  };
  const found = useQuery({
    queryKey: ["tasks", name, filter],
    queryFn: ({ signal }) => load(filter, signal),
    placeholderData: keepPreviousData,
    refetchInterval: EVERY_MS,
  });
  return (
    <Tabs
      label="Which tasks"
      tabs={tabs}
      chosen={filter.tab}
      onChoose={(tab) => change({ tab: tab === first ? "" : tab })}
    >
      <div className="filters">
        <Search label="Search tasks" value={filter.search} onChange={(search) => change({ search })} />
        {hasPriorities && (
          <Filter
            label="Priority"
            options={PRIORITIES}
            value={filter.priority}
            onChange={(priority) => change({ priority })}
          />
        )}
      </div>
      <Loaded query={found}>
        {(page) => (
          <>
            {page.items.length === 0 ? (
              <Empty>{empty}</Empty>
            ) : (
              <TaskTable lines={page.items} showsAssignee={showsAssignee} />
            )}
            <Pager {...page} noun="task" onPage={(to) => change({ page: String(to) })} />
          </>
        )}
      </Loaded>
    </Tabs>
  );
}

export function TaskTable({ lines, showsAssignee }: { lines: readonly TaskLine[]; showsAssignee: boolean }) {
  return (
    <table className="list" aria-label="Tasks">
      <thead>
        <tr>
          <th scope="col">Ticket</th>
          <th scope="col">Priority</th>
          <th scope="col">Step</th>
          {showsAssignee && <th scope="col">With</th>}
          <th scope="col">Time</th>
          <th scope="col">Assigned</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <Row key={line.item?.id ?? line.task.id} line={line} showsAssignee={showsAssignee} />
        ))}
      </tbody>
    </table>
  );
}

const ENDED: Record<string, string> = {
  completed: "Completed",
  cancelled: "Cancelled",
  on_hold: "On hold",
  resolved: "Done",
  reassigned: "Transferred",
  escalated: "Escalated",
};

function Row({ line: { task, ticket, item }, showsAssignee }: { line: TaskLine; showsAssignee: boolean }) {
  const step = item?.step ?? task.current_step;
  const ended = item?.acted_at ? ENDED[item.state] : ENDED[task.state];
  return (
    <tr>
      <td className="list-title">
        <Link to={`/ticket/${ticket.number}`}>{ticket.subject}</Link>
        <span className="number">{ticket.number}</span>
      </td>
      <td data-label="Priority">
        <PriorityBadge priority={ticket.priority} />
      </td>
      <td data-label="Step">
        {step?.name ?? "–"}
        <span className="under">{item?.transition ?? task.workflow.name}</span>
      </td>
      {showsAssignee && <td data-label="With">{item?.assignee.name ?? <span className="muted">nobody</span>}</td>}
      <td data-label="Time">{ended ? <span className="muted">{ended}</span> : item ? <SlaBar item={item} /> : "–"}</td>
      <td data-label="Assigned">
        <Moment at={item?.assigned_at ?? task.started_at} />
      </td>
    </tr>
  );
}
