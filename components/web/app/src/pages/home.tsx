// The start page: what waits for this person, by what they do here.
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import * as tickets from "../api/tickets";
import { PRIORITIES } from "../api/tickets";
import * as workflows from "../api/workflows";
import { PageHead } from "../parts/page";
import { Empty, Loaded } from "../parts/states";
import { Link } from "../router";
import { usePerson } from "../session/session";
import { TaskTable } from "./task_table";
import { TicketTable } from "./tickets";

const FEW = 5;

export function Home() {
  const { first_name, rights } = usePerson();
  return (
    <>
      <PageHead
        title={`${greeting(new Date().getHours())}, ${first_name}`}
        actions={
          rights.submits && (
            <Link className="button primary" to="/submit">
              Submit a request
            </Link>
          )
        }
      />
      {(rights.coordinates || rights.works) && (
        <ul className="tiles" aria-label="At a glance">
          {rights.coordinates && <NewTile />}
          {rights.works && <WorkTiles />}
        </ul>
      )}
      {rights.works && <NextWork />}
      {rights.coordinates && (
        <RecentTickets
          title="Waiting for a decision"
          filter={{ status: "New", per_page: FEW }}
          more="/queue"
          showsRequester
          empty="Nothing waits for a decision."
        />
      )}
      {!rights.isStaff && (
        <RecentTickets
          title="Your latest tickets"
          filter={{ per_page: FEW }}
          more="/tickets"
          showsRequester={false}
          empty="You have not asked for anything yet."
        />
      )}
    </>
  );
}

export function greeting(hour: number): string {
  if (hour < 5 || hour >= 18) return "Good evening";
  return hour < 12 ? "Good morning" : "Good afternoon";
}

function Tile({ to, label, count }: { to: string; label: string; count: number | string | undefined }) {
  return (
    <li>
      <Link className="tile" to={to}>
        <span className="tile-count">{count ?? "–"}</span>
        <span>{label}</span>
      </Link>
    </li>
  );
}

function NewTile() {
  const filter = { status: "New", per_page: FEW };
  const found = useQuery({ queryKey: ["tickets", filter], queryFn: ({ signal }) => tickets.list(filter, signal) });
  return <Tile to="/queue" label="New tickets" count={found.data?.total} />;
}

/** Open work is asked for once, for its tiles and its table. */
function useOpenWork() {
  const filter = { tab: "open", per_page: 100 };
  return useQuery({ queryKey: ["tasks", "mine", filter], queryFn: ({ signal }) => workflows.mine(filter, signal) });
}

function WorkTiles() {
  const open = useOpenWork().data;
  const items = open?.items ?? [];
  const count = (priority: string) => items.filter((line) => line.ticket.priority === priority).length;
  // Of more than a page only the first hundred are counted.
  const more = open && open.total > items.length ? "+" : "";
  return (
    <>
      <Tile to="/work" label="Open for me" count={open?.total} />
      {items.length > 0 &&
        PRIORITIES.map((priority) => (
          <Tile key={priority} to={`/work?priority=${priority}`} label={priority} count={`${count(priority)}${more}`} />
        ))}
    </>
  );
}

function Section({ title, more, children }: { title: string; more: string; children: ReactNode }) {
  return (
    <section className="home-section" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <Link to={more}>
          Show all<span className="hidden">: {title}</span>
        </Link>
      </header>
      {children}
    </section>
  );
}

function NextWork() {
  const found = useOpenWork();
  return (
    <Section title="Your open work" more="/work">
      <Loaded query={found} lines={3}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>Nothing is assigned to you.</Empty>
          ) : (
            <TaskTable lines={items.slice(0, FEW)} showsAssignee={false} />
          )
        }
      </Loaded>
    </Section>
  );
}

interface RecentProps {
  readonly title: string;
  readonly filter: tickets.TicketFilter;
  readonly more: string;
  readonly showsRequester: boolean;
  readonly empty: string;
}

function RecentTickets({ title, filter, more, showsRequester, empty }: RecentProps) {
  const found = useQuery({ queryKey: ["tickets", filter], queryFn: ({ signal }) => tickets.list(filter, signal) });
  return (
    <Section title={title} more={more}>
      <Loaded query={found} lines={3}>
        {({ items }) =>
          items.length === 0 ? <Empty>{empty}</Empty> : <TicketTable lines={items} showsRequester={showsRequester} />
        }
      </Loaded>
    </Section>
  );
}
