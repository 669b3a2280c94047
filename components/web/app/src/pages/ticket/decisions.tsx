// What coordinators decide about a ticket: approve, reject, another status.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import * as tickets from "../../api/tickets";
import { PRIORITIES, type Status } from "../../api/tickets";
import { useRefresh } from "../../live/live";
import { Dialog } from "../../parts/dialog";
import { Form, Select, TextArea } from "../../parts/form";
import { ReasonDialog } from "../../parts/reason_dialog";
import { useToast } from "../../parts/toasts";

export function useCatalogue() {
  return useQuery({
    queryKey: ["catalogue"],
    queryFn: ({ signal }) => tickets.catalogue(signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

interface About {
  readonly number: string;
  readonly subject: string;
  readonly category: string;
}

interface Props {
  readonly ticket: About;
  readonly onClose: () => void;
}

export function ApproveDialog({ ticket, onClose }: Props) {
  const catalogue = useCatalogue().data;
  const [priority, setPriority] = useState("");
  const [department, setDepartment] = useState("");
  const [notes, setNotes] = useState("");
  const refresh = useRefresh();
  const toast = useToast();

  const usual = catalogue?.categories.find((category) => category.name === ticket.category)?.default_department;
  const usualName = catalogue?.departments.find((it) => it.code === usual)?.name;
  useEffect(() => {
    if (usualName) setDepartment((chosen) => chosen || usualName);
  }, [usualName]);

  const check = () => {
    const missing = [
      ["priority", priority],
      ["department", department],
    ].filter(([, value]) => !value);
    return new Map(missing.map(([name]) => [name ?? "", "Please choose one."]));
  };
  const send = async () => {
    await tickets.approve(ticket.number, { priority, department, approval_notes: notes.trim() });
    toast.done(`${ticket.number} is approved.`);
    refresh();
    onClose();
  };
  return (
    <Dialog title={`Approve ${ticket.number}`} onClose={onClose}>
      <Form
        fields={["priority", "department", "approval_notes"]}
        check={check}
        onSend={send}
        submit="Approve"
        onCancel={onClose}
      >
        <p className="muted">{ticket.subject}</p>
        <Select
          label="Priority"
          name="priority"
          isRequired
          autoFocus
          placeholder="Choose…"
          options={PRIORITIES}
          value={priority}
          onChange={setPriority}
        />
        <Select
          label="Department"
          name="department"
          isRequired
          placeholder="Choose…"
          options={catalogue?.departments.map((it) => it.name) ?? []}
          value={department}
          onChange={setDepartment}
        />
        <TextArea label="Notes" name="approval_notes" value={notes} onChange={setNotes} maxLength={2000} />
      </Form>
    </Dialog>
  );
}

export function RejectDialog({ ticket, onClose }: Props) {
  return (
    <ReasonDialog
      title={`Reject ${ticket.number}`}
      intro={`${ticket.subject}. The person who asked will read the reason.`}
      reason={{ label: "Reason", name: "rejection_reason", isRequired: true }}
      submit="Reject"
      danger
      done={`${ticket.number} is rejected.`}
      onSend={(reason) => tickets.reject(ticket.number, reason)}
      onClose={onClose}
    />
  );
}

/** Statuses that are set by themselves; the others come with approving, rejecting, withdrawing and working. */
const BY_HAND: readonly Status[] = ["Pending", "On Hold", "In Progress", "Closed"];

export const statusesByHand = (next: readonly Status[]) => next.filter((status) => BY_HAND.includes(status));

export function StatusDialog({
  number,
  next,
  onClose,
}: {
  number: string;
  next: readonly Status[];
  onClose: () => void;
}) {
  const choices = statusesByHand(next);
  const [status, setStatus] = useState<string>(choices.length === 1 ? (choices[0] ?? "") : "");
  const [comment, setComment] = useState("");
  const refresh = useRefresh();
  const toast = useToast();
  const check = () => new Map(status ? [] : [["status", "Please choose one."]]);
  const send = async () => {
    await tickets.setStatus(number, status as Status, comment.trim());
    toast.done(`${number} is ${status}.`);
    refresh();
    onClose();
  };
  return (
    <Dialog title={`Change the status of ${number}`} onClose={onClose}>
      <Form fields={["status", "comment"]} check={check} onSend={send} submit="Change status" onCancel={onClose}>
        <Select
          label="New status"
          name="status"
          isRequired
          autoFocus
          placeholder="Choose…"
          options={choices}
          value={status}
          onChange={setStatus}
        />
        <TextArea label="Comment" name="comment" value={comment} onChange={setComment} maxLength={2000} />
      </Form>
    </Dialog>
  );
}
