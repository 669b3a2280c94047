// How a target time stands: the bands of the specification (domain 3.5).
import type { Item } from "../api/workflows";
import { span } from "./time";

export type Band = "met" | "on-track" | "in-progress" | "due-soon" | "overdue";

export interface Standing {
  readonly band: Band;
  readonly percent: number;
  readonly label: string;
  readonly left: string;
}

const LABELS: Record<Band, string> = {
  met: "Done",
  "on-track": "On track",
  "in-progress": "In progress",
  "due-soon": "Due soon",
  overdue: "Overdue",
};

type Timed = Pick<Item, "assigned_at" | "acted_at" | "due_at" | "breached_at" | "elapsed_percent">;

/** Nothing for an item without a target. */
export function standing(item: Timed, now = Date.now()): Standing | null {
  if (!item.due_at) return null;
  const [start, due] = [Date.parse(item.assigned_at), Date.parse(item.due_at)];
  const own = due > start ? ((now - start) / (due - start)) * 100 : 100;
  const percent = Math.max(0, item.elapsed_percent ?? own);
  const isOver = item.breached_at !== null || percent >= 100;
  const band = bandOf(percent, isOver, item.acted_at !== null);
  const left = item.acted_at ? "" : isOver ? `by ${span(now - due)}` : `${span(due - now)} left`;
  return { band, percent: Math.min(100, Math.round(percent)), label: LABELS[band], left };
}

function bandOf(percent: number, isOver: boolean, hasActed: boolean): Band {
  if (isOver) return "overdue";
  if (hasActed) return "met";
  if (percent >= 80) return "due-soon";
  return percent >= 50 ? "in-progress" : "on-track";
}
