// New tickets, which wait for a coordinator's decision.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import * as tickets from "../api/tickets";
import type { TicketLine } from "../api/tickets";
import { Pager, Search } from "../parts/list";
import { PageHead } from "../parts/page";
import { Moment } from "../parts/shown";
import { Empty, Loaded } from "../parts/states";
import { Tabs } from "../parts/tabs";
import { Link, useQueryState } from "../router";
import { ApproveDialog, RejectDialog } from "./ticket/decisions";

const EVERY_MS = 60_000;
const TABS = [
  { key: "New", label: "New" },
  { key: "Pending", label: "Pending" },
];

interface Decision {
  readonly verb: "approve" | "reject";
  readonly ticket: TicketLine;
}

export function Queue() {
  const [query, change] = useQueryState();
  const status = query.get("status") ?? "New";
  return (
    <>
      <PageHead title="Queue" intro="Tickets that wait for a decision." />
      <Tabs label="Status" tabs={TABS} chosen={status} onChoose={(key) => change({ status: key === "New" ? "" : key })}>
        <Waiting status={status} />
      </Tabs>
    </>
  );
}

function Waiting({ status }: { status: string }) {
  const [query, change] = useQueryState();
  const [decision, setDecision] = useState<Decision | null>(null);
  const filter = { status, search: query.get("search") ?? "", page: Number(query.get("page") ?? 1) };
  const found = useQuery({
    queryKey: ["tickets", filter],
    queryFn: ({ signal }) => tickets.list(filter, signal),
    placeholderData: keepPreviousData,
    refetchInterval: EVERY_MS,
  });
  const close = () => setDecision(null);
  return (
    <>
      <div className="filters">
        <Search label="Search the queue" value={filter.search} onChange={(search) => change({ search })} />
      </div>
      <Loaded query={found}>
        {(page) => (
          <>
            {page.items.length === 0 && <Empty>Nothing waits for a decision.</Empty>}
            <ul className="cards" aria-label="Waiting tickets">
              {page.items.map((ticket) => (
                <Card key={ticket.number} ticket={ticket} onDecide={(verb) => setDecision({ verb, ticket })} />
              ))}
            </ul>
            <Pager {...page} noun="ticket" onPage={(to) => change({ page: String(to) })} />
          </>
        )}
      </Loaded>
      {decision?.verb === "approve" && <ApproveDialog ticket={decision.ticket} onClose={close} />}
      {decision?.verb === "reject" && <RejectDialog ticket={decision.ticket} onClose={close} />}
    </>
  );
}

function Card({ ticket, onDecide }: { ticket: TicketLine; onDecide: (verb: Decision["verb"]) => void }) {
  const { number, subject, requester } = ticket;
  return (
    <li className="card">
      <div className="card-text">
        <Link className="card-title" to={`/ticket/${number}`}>
          {subject}
        </Link>
        <p className="muted">
          <span className="number">{number}</span> · {ticket.category}
          {ticket.sub_category && `, ${ticket.sub_category}`}
        </p>
        <p className="muted">
          {requester.full_name} · <Moment at={ticket.submitted_at} />
        </p>
      </div>
      <div className="card-actions">
        <button
          type="button"
          className="button primary"
          aria-label={`Approve ${number}`}
          onClick={() => onDecide("approve")}
        >
          Approve
        </button>
        <button type="button" className="button" aria-label={`Reject ${number}`} onClick={() => onDecide("reject")}>
          Reject
        </button>
      </div>
    </li>
  );
}
