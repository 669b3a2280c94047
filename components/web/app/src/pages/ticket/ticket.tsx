// The page of a ticket: what was asked, where it stands, what one can do about it, what people say.
import { useQuery } from "@tanstack/react-query";
import { Problem } from "../../api/problem";
import * as tickets from "../../api/tickets";
import type { Ticket } from "../../api/tickets";
import * as workflows from "../../api/workflows";
import type { Progress, TaskView } from "../../api/workflows";
import { useTitle } from "../../parts/page";
import { Moment, PriorityBadge, StatusBadge } from "../../parts/shown";
import { Loaded } from "../../parts/states";
import { usePerson } from "../../session/session";
import { Comments } from "./comments";
import { CoordinatorActions } from "./coordinator";
import { Attachments, Description, Facts } from "./details";
import { ActionLog, TicketLog } from "./logs";
import { ProgressTracker } from "./progress";
import { RequesterActions } from "./requester";
import { WorkPanel } from "./work";

/** Who has just been given a part in a ticket may ask before its service has heard of it. */
const SOON = { retry: (failures: number, error: Error) => failures < 3 && isAbsent(error), retryDelay: 700 };

const isAbsent = (error: unknown) => error instanceof Problem && (error.status === 404 || error.status === 403);

/** Nothing, where there is nothing for this person to see. */
async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  return answer.catch((error) => {
    if (isAbsent(error)) return null;
    throw error;
  });
}

export function TicketPage({ number }: { number: string }) {
  const { rights } = usePerson();
  const ticket = useQuery({
    queryKey: ["ticket", number],
    queryFn: ({ signal }) => tickets.show(number, signal),
    ...(rights.works && !rights.seesAll && SOON),
  });
  useTitle(number);
  return (
    <Loaded query={ticket} lines={10} isPage>
      {(shown) => <Shown ticket={shown} />}
    </Loaded>
  );
}

function Shown({ ticket }: { ticket: Ticket }) {
  const { number } = ticket;
  const { rights, id } = usePerson();
  const isRequester = ticket.requester.id === id;
  const task =
    useQuery({
      queryKey: ["task", number],
      queryFn: ({ signal }) => orNull(workflows.byTicket(number, signal)),
      enabled: rights.works || rights.owns,
    }).data ?? null;
  const progress =
    useQuery({
      queryKey: ["progress", number],
      queryFn: ({ signal }) => orNull(workflows.progress(number, signal)),
      enabled: ticket.approved_at !== null,
    }).data ?? null;

  return (
    <article className="ticket">
      <header className="ticket-head">
        <p className="ticket-line">
          <span className="number">{number}</span>
          <StatusBadge status={ticket.status} />
          {ticket.priority && <PriorityBadge priority={ticket.priority} />}
        </p>
        <h1 tabIndex={-1}>{ticket.subject}</h1>
        <p className="muted">
          {ticket.requester.full_name} asked <Moment at={ticket.submitted_at} />
        </p>
      </header>
      <div className="columns">
        <div className="column-main">
          <Outcome ticket={ticket} />
          {task?.item?.instruction && task.item.acted_at === null && (
            <section className="panel instruction" aria-labelledby="instruction">
              <h2 id="instruction">{task.item.step.name}: what to do</h2>
              <p className="prose">{task.item.instruction}</p>
            </section>
          )}
          <Description ticket={ticket} />
          <Attachments ticket={ticket} mayAdd={isRequester || rights.coordinates} />
          <Comments number={number} mayBeInternal={rights.isStaff && !isRequester} />
        </div>
        <Side ticket={ticket} task={task} progress={progress} isRequester={isRequester} />
      </div>
    </article>
  );
}

interface SideProps {
  readonly ticket: Ticket;
  readonly task: TaskView | null;
  readonly progress: Progress | null;
  readonly isRequester: boolean;
}

function Side({ ticket, task, progress, isRequester }: SideProps) {
  const { rights } = usePerson();
  return (
    <aside className="column-side" aria-label="About this ticket">
      {(isRequester || rights.coordinates) && (
        <div className="panel actions empty-hides">
          {isRequester && <RequesterActions ticket={ticket} />}
          {rights.coordinates && <CoordinatorActions ticket={ticket} isRequester={isRequester} />}
        </div>
      )}
      {task && <WorkPanel view={task} />}
      {progress && progress.nodes.length > 0 && <ProgressTracker progress={progress} />}
      <Facts ticket={ticket} task={task} />
      {task && <ActionLog task={task.task} />}
      <TicketLog events={ticket.events} />
    </aside>
  );
}

/** How it ended, where somebody said why. */
function Outcome({ ticket }: { ticket: Ticket }) {
  const { status, rejection_reason: rejected, withdraw_reason: withdrawn } = ticket;
  if (status === "Rejected" && rejected)
    return (
      <p className="notice error">
        <span>
          <b>Rejected.</b> {rejected}
        </span>
      </p>
    );
  if (status === "Withdrawn" && withdrawn)
    return (
      <p className="notice">
        <span>
          <b>Withdrawn.</b> {withdrawn}
        </span>
      </p>
    );
  return null;
}
