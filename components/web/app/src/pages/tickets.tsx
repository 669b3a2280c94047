// A list of tickets: one's own, or all of them for those who may see all.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import * as tickets from "../api/tickets";
import { PRIORITIES, STATUSES, type TicketLine } from "../api/tickets";
import { Filter, Pager, Search } from "../parts/list";
import { PageHead } from "../parts/page";
import { Moment, PriorityBadge, StatusBadge } from "../parts/shown";
import { Empty, Loaded } from "../parts/states";
import { Tabs } from "../parts/tabs";
import { Link, useQueryState } from "../router";
import { usePerson } from "../session/session";
import { useCatalogue } from "./ticket/decisions";

const EVERY_MS = 60_000;

export function Tickets() {
  const { rights } = usePerson();
  const [query, change] = useQueryState();
  const status = query.get("status") ?? "";
  const title = rights.seesAll ? "All tickets" : "My tickets";
  const tabs = [{ key: "", label: "All" }, ...STATUSES.map((name) => ({ key: name, label: name }))];
  return (
    <>
      <PageHead
        title={title}
        actions={
          rights.submits && (
            <Link className="button primary" to="/submit">
              Submit a request
            </Link>
          )
        }
      />
      <Tabs label="Status" tabs={tabs} chosen={status} onChoose={(key) => change({ status: key })}>
        <TicketList showsRequester={rights.seesAll} />
      </Tabs>
    </>
  );
}

function TicketList({ showsRequester }: { showsRequester: boolean }) {
  const [query, change] = useQueryState();
  const catalogue = useCatalogue().data;
  const value = (name: string) => query.get(name) ?? "";
  const filter = {
    status: value("status"),
    priority: value("priority"),
    category: value("category"),
    department: value("department"),
    search: value("search"),
    mine: value("mine"),
    page: Number(value("page") || 1),
  };
  const found = useQuery({
    queryKey: ["tickets", filter],
    queryFn: ({ signal }) => tickets.list(filter, signal),
    placeholderData: keepPreviousData,
    refetchInterval: EVERY_MS,
  });
  return (
    <>
      <div className="filters">
        <Search label="Search tickets" value={filter.search} onChange={(search) => change({ search })} />
        <Filter
          label="Priority"
          options={PRIORITIES}
          value={filter.priority}
          onChange={(priority) => change({ priority })}
        />
        <Filter
          label="Category"
          options={catalogue?.categories.map((it) => it.name) ?? []}
          value={filter.category}
          onChange={(category) => change({ category })}
        />
        {showsRequester && (
          <>
            <Filter
              label="Department"
              options={catalogue?.departments.map((it) => it.name) ?? []}
              value={filter.department}
              onChange={(department) => change({ department })}
            />
            <label className="filter">
              <input
                type="checkbox"
                checked={filter.mine === "true"}
                onChange={(event) => change({ mine: event.target.checked ? "true" : "" })}
              />
              Only mine
            </label>
          </>
        )}
      </div>
      <Loaded query={found}>
        {(page) => (
          <>
            {page.items.length === 0 ? (
              <Empty>No tickets here.</Empty>
            ) : (
              <TicketTable lines={page.items} showsRequester={showsRequester} />
            )}
            <Pager {...page} noun="ticket" onPage={(to) => change({ page: String(to) })} />
          </>
        )}
      </Loaded>
    </>
  );
}

export function TicketTable({ lines, showsRequester }: { lines: readonly TicketLine[]; showsRequester: boolean }) {
  return (
    <table className="list" aria-label="Tickets">
      <thead>
        <tr>
          <th scope="col">Ticket</th>
          <th scope="col">Status</th>
          <th scope="col">Priority</th>
          <th scope="col">Category</th>
          {showsRequester && <th scope="col">Asked by</th>}
          <th scope="col">Submitted</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.number}>
            <td className="list-title">
              <Link to={`/ticket/${line.number}`}>{line.subject}</Link>
              <span className="number">{line.number}</span>
            </td>
            <td data-label="Status">
              <StatusBadge status={line.status} />
            </td>
            <td data-label="Priority">
              <PriorityBadge priority={line.priority} />
            </td>
            <td data-label="Category">
              {line.category}
              {line.sub_category && <span className="under">{line.sub_category}</span>}
            </td>
            {showsRequester && <td data-label="Asked by">{line.requester.full_name}</td>}
            <td data-label="Submitted">
              <Moment at={line.submitted_at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
