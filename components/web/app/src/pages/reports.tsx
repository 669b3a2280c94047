// Figures: how much was done, whether in time, by whom, and what went from hand to hand.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import * as reports from "../api/reports";
import type { Dashboard, Handovers, Period, SlaLine, UserLine } from "../api/reports";
import type { Page } from "../api/http";
import { Pager } from "../parts/list";
import { PageHead } from "../parts/page";
import { Moment, PriorityBadge } from "../parts/shown";
import { Empty, Loaded } from "../parts/states";
import { Link, useQueryState } from "../router";

type Report<T> = (period: Period, page: number | null, signal?: AbortSignal) => Promise<T>;

function useReport<T>(name: string, load: Report<T>, period: Period, page: number | null = null) {
  return useQuery({
    queryKey: ["report", name, period, page],
    queryFn: ({ signal }) => load(period, page, signal),
    placeholderData: keepPreviousData,
  });
}

export function Reports() {
  const [query, change] = useQueryState();
  const period = { start_date: query.get("start") ?? "", end_date: query.get("end") ?? "" };
  const ask = (days: Record<string, string>) => change({ people: "", handovers: "", ...days });
  const dashboard = useReport("dashboard", reports.dashboard, period);
  const sla = useReport("sla", reports.sla, period);
  return (
    <>
      <PageHead title="Reports" intro="Tasks that began in the period, as they stand now." />
      <div className="filters">
        <label className="filter">
          <span>From</span>
          <input
            type="date"
            value={period.start_date}
            max={period.end_date}
            onChange={(event) => ask({ start: event.target.value })}
          />
        </label>
        <label className="filter">
          <span>Until</span>
          <input
            type="date"
            value={period.end_date}
            min={period.start_date}
            onChange={(event) => ask({ end: event.target.value })}
          />
        </label>
        {(period.start_date || period.end_date) && (
          <button type="button" className="button quiet" onClick={() => ask({ start: "", end: "" })}>
            All time
          </button>
        )}
      </div>
      <Loaded query={dashboard} lines={3}>
        {(figures) => <Tiles figures={figures} />}
      </Loaded>
      <div className="report-grid">
        <Loaded query={dashboard} lines={5}>
          {(figures) => <States figures={figures} />}
        </Loaded>
        <Loaded query={sla} lines={5}>
          {({ items }) => <Sla lines={items} />}
        </Loaded>
      </div>
      <Users period={period} />
      <HandoverList period={period} />
    </>
  );
}

const percent = (rate: number | null) => (rate === null ? "–" : `${rate} %`);

function Tiles({ figures }: { figures: Dashboard }) {
  const tiles: [string, string | number][] = [
    ["Tasks", figures.total],
    ["Completed", figures.completed],
    ["Targets kept", percent(figures.sla.rate)],
    ["Escalated", percent(figures.escalation_rate)],
    ["People", figures.users],
    ["Workflows", figures.workflows],
  ];
  return (
    <ul className="tiles" aria-label="Totals">
      {tiles.map(([label, value]) => (
        <li key={label} className="tile">
          <span className="tile-count">{value}</span>
          <span>{label}</span>
        </li>
      ))}
    </ul>
  );
}

const STATES: readonly (readonly [keyof Dashboard["by_state"], string])[] = [
  ["pending", "Pending"],
  ["in_progress", "In progress"],
  ["on_hold", "On hold"],
  ["completed", "Completed"],
  ["cancelled", "Cancelled"],
];

function States({ figures }: { figures: Dashboard }) {
  return (
    <section className="panel" aria-label="Tasks by state">
      <table className="numbers">
        <caption>Tasks by state</caption>
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Share</th>
            <th scope="col">Tasks</th>
          </tr>
        </thead>
        <tbody>
          {STATES.map(([state, label]) => (
            <tr key={state}>
              <th scope="row">{label}</th>
              <td>
                <Bar part={figures.by_state[state]} whole={figures.total} label={label} />
              </td>
              <td>{figures.by_state[state]}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Sla({ lines }: { lines: readonly SlaLine[] }) {
  return (
    <section className="panel" aria-label="Targets by priority">
      <div className="scroll" role="region" aria-label="Targets by priority, table" tabIndex={0}>
        <table className="numbers">
          <caption>Targets by priority</caption>
          <thead>
            <tr>
              <th scope="col">Priority</th>
              <th scope="col">Kept</th>
              <th scope="col">In time</th>
              <th scope="col">Late</th>
              <th scope="col">Rate</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <tr key={line.priority}>
                <th scope="row">
                  <PriorityBadge priority={line.priority} />
                </th>
                <td>
                  <Bar part={line.met} whole={line.met + line.breached} label={`${line.priority}: kept`} />
                </td>
                <td>{line.met}</td>
                <td>{line.breached}</td>
                <td>{percent(line.rate)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Bar({ part, whole, label }: { part: number; whole: number; label: string }) {
  return <progress className="bar" max={Math.max(whole, 1)} value={part} aria-label={label} />;
}

interface ListProps<T extends Page<unknown>> {
  readonly title: string;
  readonly page: T;
  readonly noun: string;
  readonly onPage: (page: number) => void;
  readonly children: ReactNode;
}

function ReportList<T extends Page<unknown>>({ title, page, noun, onPage, children }: ListProps<T>) {
  return (
    <section className="panel report-list">
      <h2>{title}</h2>
      {page.items.length === 0 ? <Empty>Nothing in this period.</Empty> : (
        <div className="scroll" role="region" aria-label={`${title}, table`} tabIndex={0}>
          {children}
        </div>
      )}
      <Pager {...page} noun={noun} onPage={onPage} />
    </section>
  );
}

const WORK: readonly (readonly [Exclude<keyof UserLine, "user">, string])[] = [
  ["new", "New"],
  ["in_progress", "In progress"],
  ["resolved", "Done"],
  ["escalated", "Escalated"],
  ["reassigned", "Transferred"],
  ["breached", "Late"],
];

function Users({ period }: { period: Period }) {
  const [query, change] = useQueryState();
  const found = useReport("users", reports.users, period, Number(query.get("people") ?? 1));
  return (
    <Loaded query={found}>
      {(page) => (
        <ReportList title="Work by person" page={page} noun="colleague" onPage={(to) => change({ people: String(to) })}>
          <table className="numbers">
            <thead>
              <tr>
                <th scope="col">Person</th>
                {WORK.map(([key, label]) => (
                  <th key={key} scope="col">
                    {label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {page.items.map((line) => (
                <tr key={line.user.id}>
                  <th scope="row">{line.user.name}</th>
                  {WORK.map(([key]) => (
                    <td key={key}>{line[key] ?? 0}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </ReportList>
      )}
    </Loaded>
  );
}

function HandoverList({ period }: { period: Period }) {
  const [query, change] = useQueryState();
  const found = useReport("handovers", reports.handovers, period, Number(query.get("handovers") ?? 1));
  const title = (page: Handovers) => `From hand to hand: ${page.transfers} transferred, ${page.escalations} escalated`;
  return (
    <Loaded query={found}>
      {(page) => (
        <ReportList title={title(page)} page={page} noun="handover" onPage={(to) => change({ handovers: String(to) })}>
          <table className="numbers">
            <thead>
              <tr>
                <th scope="col">Ticket</th>
                <th scope="col">What</th>
                <th scope="col">From</th>
                <th scope="col">To</th>
                <th scope="col">Why</th>
                <th scope="col">When</th>
              </tr>
            </thead>
            <tbody>
              {page.items.map((line) => (
                <tr key={`${line.task_id}/${line.at}`}>
                  <td>
                    <Link to={`/ticket/${line.ticket_number}`}>{line.ticket_number}</Link>
                    <span className="under">{line.step}</span>
                  </td>
                  <td>{line.kind === "transfer" ? "Transferred" : "Escalated"}</td>
                  <td>{line.from.name}</td>
                  <td>{line.to?.name ?? "–"}</td>
                  <td>{line.notes}</td>
                  <td>
                    <Moment at={line.at} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </ReportList>
      )}
    </Loaded>
  );
}
