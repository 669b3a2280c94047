// How things of the system look wherever they are named: statuses, priorities, moments, target times, files.
import type { Attachment, Priority, Status } from "../api/tickets";
import type { Item } from "../api/workflows";
import { size } from "../format/size";
import { standing } from "../format/sla";
import { absolute, near } from "../format/time";
import { Icon } from "./icon";

const slug = (text: string) => text.toLowerCase().replaceAll(" ", "-");

export function StatusBadge({ status }: { status: Status }) {
  return <span className={`badge status-${slug(status)}`}>{status}</span>;
}

export function PriorityBadge({ priority }: { priority: Priority | null }) {
  if (!priority) return <span className="muted">not set</span>;
  return <span className={`priority priority-${slug(priority)}`}>{priority}</span>;
}

export function Moment({ at }: { at: string }) {
  return (
    <time dateTime={at} title={absolute(at)}>
      {near(at)}
    </time>
  );
}

/** The bar of a target time; nothing for work without one. */
export function SlaBar({
  item,
}: {
  item: Pick<Item, "assigned_at" | "acted_at" | "due_at" | "breached_at" | "elapsed_percent">;
}) {
  const now = standing(item);
  if (!now) return <span className="muted">no target</span>;
  return (
    <span className={`sla sla-${now.band}`} title={item.due_at ? `Due ${absolute(item.due_at)}` : undefined}>
      <progress max={100} value={now.percent} aria-label="Time used" />
      <span className="sla-text">
        <b>{now.label}</b>
        {now.left && (
          <>
            {now.band === "overdue" ? " " : " · "}
            {now.left}
          </>
        )}
      </span>
    </span>
  );
}

export function FileList({ files, showsPictures = false }: { files: readonly Attachment[]; showsPictures?: boolean }) {
  return (
    <ul className="files" aria-label="Attachments">
      {files.map((file) => (
        <li key={file.id}>
          <Icon name="attach" />
          <a className="file-name" href={file.url} download={file.file_name}>
            {file.file_name}
          </a>
          <span className="muted">{size(file.file_size)}</span>
          {showsPictures && file.file_type.startsWith("image/") && (
            <a className="picture" href={file.url} target="_blank" rel="noreferrer">
              <img src={file.url} alt={file.file_name} loading="lazy" />
            </a>
          )}
        </li>
      ))}
    </ul>
  );
}
