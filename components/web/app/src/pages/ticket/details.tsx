// What was asked: description, the form's answers, files; and the facts about it.
import { useState } from "react";
import * as tickets from "../../api/tickets";
import type { CostItem, Ticket } from "../../api/tickets";
import type { TaskView } from "../../api/workflows";
import { amount } from "../../format/size";
import { day } from "../../format/time";
import { useRefresh } from "../../live/live";
import { checkFiles, type FileLimits, FilePicker } from "../../parts/files";
import { Form } from "../../parts/form";
import { FileList, Moment, PriorityBadge } from "../../parts/shown";
import { useToast } from "../../parts/toasts";
import { total } from "../cost_items";
import { useCatalogue } from "./decisions";

export function Description({ ticket }: { ticket: Ticket }) {
  const fields = useCatalogue().data?.categories.find((it) => it.name === ticket.category)?.fields ?? [];
  const answers = Object.entries(ticket.details ?? {});
  const label = (name: string) => fields.find((field) => field.name === name)?.label ?? name;
  const isDate = (name: string) => fields.find((field) => field.name === name)?.kind === "date";
  const items = answers.find(([, value]) => Array.isArray(value));
  return (
    <section className="panel" aria-labelledby="description">
      <h2 id="description">Description</h2>
      <p className="prose">{ticket.description}</p>
      {answers.length > (items ? 1 : 0) && (
        <dl className="facts wide">
          {answers
            .filter(([, value]) => !Array.isArray(value))
            .map(([name, value]) => (
              <div key={name}>
                <dt>{label(name)}</dt>
                <dd>{isDate(name) ? day(String(value)) : String(value)}</dd>
              </div>
            ))}
        </dl>
      )}
      {items && <Costs label={label(items[0])} items={items[1] as readonly CostItem[]} />}
    </section>
  );
}

function Costs({ label, items }: { label: string; items: readonly CostItem[] }) {
  return (
    <table className="numbers">
      <caption>{label}</caption>
      <thead>
        <tr>
          <th scope="col">Item</th>
          <th scope="col">Description</th>
          <th scope="col">Amount</th>
        </tr>
      </thead>
      <tbody>
        {items.map((item, at) => (
          <tr key={`${at}/${item.element}`}>
            <td>{item.element}</td>
            <td>{item.description}</td>
            <td>{amount(Number(item.amount))}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row" colSpan={2}>
            Total
          </th>
          <td>{amount(total(items))}</td>
        </tr>
      </tfoot>
    </table>
  );
}

export function Attachments({ ticket, mayAdd }: { ticket: Ticket; mayAdd: boolean }) {
  const isOver = ["Closed", "Withdrawn", "Rejected"].includes(ticket.status);
  if (ticket.attachments.length === 0 && (!mayAdd || isOver)) return null;
  return (
    <section className="panel" aria-labelledby="attachments">
      <h2 id="attachments">Attachments</h2>
      {ticket.attachments.length > 0 && <FileList files={ticket.attachments} />}
      {mayAdd && !isOver && <AddFiles number={ticket.number} />}
    </section>
  );
}

function AddFiles({ number }: { number: string }) {
  const catalogue = useCatalogue().data;
  const [isOpen, setOpen] = useState(false);
  if (isOpen && catalogue)
    return <FilesForm number={number} limits={tickets.limitsOf(catalogue)} onClose={() => setOpen(false)} />;
  return (
    <button type="button" className="button" onClick={() => setOpen(true)}>
      Add files
    </button>
  );
}

function FilesForm({ number, limits, onClose }: { number: string; limits: FileLimits; onClose: () => void }) {
  const [files, setFiles] = useState<readonly File[]>([]);
  const refresh = useRefresh();
  const toast = useToast();
  const check = () => {
    const wrong = files.length === 0 ? "Please choose a file." : checkFiles(files, limits);
    return new Map(wrong ? [["files", wrong]] : []);
  };
  const send = async () => {
    const form = new FormData();
    for (const file of files) form.append("files[]", file, file.name);
    await tickets.attach(number, form);
    toast.done("The files are added.");
    refresh();
    onClose();
  };
  return (
    <Form fields={["files"]} check={check} onSend={send} submit="Add" onCancel={onClose}>
      <FilePicker label="Files" name="files" files={files} limits={limits} onChange={setFiles} />
    </Form>
  );
}

export function Facts({ ticket, task }: { ticket: Ticket; task: TaskView | null }) {
  const person = task?.item?.acted_at === null ? task.item.assignee.name : ticket.assignee;
  return (
    <section className="panel" aria-labelledby="facts">
      <h2 id="facts">Facts</h2>
      <dl className="facts">
        <div>
          <dt>Requester</dt>
          <dd>
            {ticket.requester.full_name}
            <a className="under" href={`mailto:${ticket.requester.email}`}>
              {ticket.requester.email}
            </a>
          </dd>
        </div>
        <div>
          <dt>Category</dt>
          <dd>
            {ticket.category}
            {ticket.sub_category && <span className="under">{ticket.sub_category}</span>}
          </dd>
        </div>
        {ticket.department && (
          <div>
            <dt>Department</dt>
            <dd>{ticket.department}</dd>
          </div>
        )}
        <div>
          <dt>Priority</dt>
          <dd>
            <PriorityBadge priority={ticket.priority} />
          </dd>
        </div>
        {person && (
          <div>
            <dt>Assigned to</dt>
            <dd>{person}</dd>
          </div>
        )}
        {task?.task.owner && (
          <div>
            <dt>Owner</dt>
            <dd>{task.task.owner.name}</dd>
          </div>
        )}
        {ticket.scheduled_date && (
          <div>
            <dt>Wanted on</dt>
            <dd>{day(ticket.scheduled_date)}</dd>
          </div>
        )}
        <div>
          <dt>Submitted</dt>
          <dd>
            <Moment at={ticket.submitted_at} />
          </dd>
        </div>
        {ticket.approved_at && (
          <div>
            <dt>Approved</dt>
            <dd>
              <Moment at={ticket.approved_at} />
              {ticket.approved_by && <span className="under">{ticket.approved_by}</span>}
            </dd>
          </div>
        )}
        {task?.task.due_at && !task.task.completed_at && (
          <div>
            <dt>Expected by</dt>
            <dd>
              <Moment at={task.task.due_at} />
            </dd>
          </div>
        )}
        {ticket.resolved_at && (
          <div>
            <dt>Resolved</dt>
            <dd>
              <Moment at={ticket.resolved_at} />
            </dd>
          </div>
        )}
        {ticket.closed_at && (
          <div>
            <dt>Closed</dt>
            <dd>
              <Moment at={ticket.closed_at} />
            </dd>
          </div>
        )}
        {ticket.csat_rating !== null && (
          <div>
            <dt>Rating</dt>
            <dd>
              <span className="rated" aria-hidden="true">
                {"★".repeat(ticket.csat_rating)}
              </span>{" "}
              {ticket.csat_rating} of 5{ticket.csat_feedback && <span className="under">{ticket.csat_feedback}</span>}
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
}
