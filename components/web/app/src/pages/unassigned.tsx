// Tickets that no workflow took, or for which nobody was there: an administrator gives them a workflow.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import * as workflows from "../api/workflows";
import type { Unassigned } from "../api/workflows";
import { useRefresh } from "../live/live";
import { Dialog } from "../parts/dialog";
import { Form, Select } from "../parts/form";
import { Pager, Search } from "../parts/list";
import { PageHead } from "../parts/page";
import { Moment, PriorityBadge } from "../parts/shown";
import { Empty, Loaded } from "../parts/states";
import { useToast } from "../parts/toasts";
import { Link, useQueryState } from "../router";

const REASONS = { no_workflow: "No workflow fits", no_staff: "Nobody was available" };

export function UnassignedPage() {
  const [query, change] = useQueryState();
  const [chosen, setChosen] = useState<Unassigned | null>(null);
  const filter = { search: query.get("search") ?? "", page: Number(query.get("page") ?? 1) };
  const found = useQuery({
    queryKey: ["tasks", "unassigned", filter],
    queryFn: ({ signal }) => workflows.unassigned(filter, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  return (
    <>
      <PageHead title="Unassigned" intro="Approved tickets that nobody works on yet." />
      <div className="filters">
        <Search label="Search tickets" value={filter.search} onChange={(search) => change({ search })} />
      </div>
      <Loaded query={found}>
        {(page) => (
          <>
            {page.items.length === 0 && <Empty>Every approved ticket has its workflow.</Empty>}
            <ul className="cards" aria-label="Unassigned tickets">
              {page.items.map((entry) => (
                <Card key={entry.ticket.number} entry={entry} onAssign={() => setChosen(entry)} />
              ))}
            </ul>
            <Pager {...page} noun="ticket" onPage={(to) => change({ page: String(to) })} />
          </>
        )}
      </Loaded>
      {chosen && <AssignDialog entry={chosen} onClose={() => setChosen(null)} />}
    </>
  );
}

function Card({ entry, onAssign }: { entry: Unassigned; onAssign: () => void }) {
  const { ticket } = entry;
  return (
    <li className="card">
      <div className="card-text">
        <Link className="card-title" to={`/ticket/${ticket.number}`}>
          {ticket.subject}
        </Link>
        <p className="muted">
          <span className="number">{ticket.number}</span> · {ticket.category}
          {ticket.sub_category && `, ${ticket.sub_category}`}
          {ticket.department && ` · ${ticket.department}`}
        </p>
        <p className="muted">
          <PriorityBadge priority={ticket.priority} /> · {REASONS[entry.reason]} · <Moment at={entry.received_at} />
        </p>
        {entry.detail && <p className="muted">{entry.detail}</p>}
      </div>
      <div className="card-actions">
        <button
          type="button"
          className="button primary"
          aria-label={`Assign a workflow to ${ticket.number}`}
          onClick={onAssign}
        >
          Assign a workflow
        </button>
      </div>
    </li>
  );
}

function AssignDialog({ entry: { ticket }, onClose }: { entry: Unassigned; onClose: () => void }) {
  const [workflow, setWorkflow] = useState("");
  const refresh = useRefresh();
  const toast = useToast();
  const published = useQuery({
    queryKey: ["workflows", "published"],
    queryFn: ({ signal }) => workflows.workflows("published", signal),
  });
  const options = (published.data?.items ?? []).map((it) => ({ value: it.id, label: `${it.name} (${it.department})` }));
  const check = () => new Map(workflow ? [] : [["workflow_id", "Please choose one."]]);
  const send = async () => {
    await workflows.assign(ticket.number, workflow);
    toast.done(`Work on ${ticket.number} begins.`);
    refresh();
    onClose();
  };
  return (
    <Dialog title={`Assign a workflow to ${ticket.number}`} onClose={onClose}>
      <Form fields={["workflow_id"]} check={check} onSend={send} submit="Assign" onCancel={onClose}>
        <p className="muted">{ticket.subject}</p>
        <Select
          label="Workflow"
          name="workflow_id"
          isRequired
          autoFocus
          placeholder="Choose…"
          options={options}
          value={workflow}
          onChange={setWorkflow}
        />
      </Form>
    </Dialog>
  );
}
