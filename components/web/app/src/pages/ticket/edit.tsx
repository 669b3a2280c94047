// Correcting what a ticket says.
import { useState } from "react";
import * as tickets from "../../api/tickets";
import type { Ticket } from "../../api/tickets";
import { useRefresh } from "../../live/live";
import { Dialog } from "../../parts/dialog";
import { Form, TextArea, TextField } from "../../parts/form";
import { useToast } from "../../parts/toasts";

export function EditButton({ ticket }: { ticket: Ticket }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="button" onClick={() => setOpen(true)}>
        Edit
      </button>
      {isOpen && <EditDialog ticket={ticket} onClose={() => setOpen(false)} />}
    </>
  );
}

function EditDialog({ ticket, onClose }: { ticket: Ticket; onClose: () => void }) {
  // As it was when the dialog opened: what changes meanwhile is noticed by its version.
  const [{ number, version }] = useState(ticket);
  const [subject, setSubject] = useState(ticket.subject);
  const [description, setDescription] = useState(ticket.description);
  const refresh = useRefresh();
  const toast = useToast();
  const check = () => {
    const missing = [
      ["subject", subject.trim()],
      ["description", description.trim()],
    ].filter(([, value]) => !value);
    return new Map(missing.map(([name]) => [name ?? "", "Please fill this in."]));
  };
  const send = async () => {
    await tickets.edit(number, version, { subject: subject.trim(), description: description.trim() });
    toast.done("Saved.");
    refresh();
    onClose();
  };
  return (
    <Dialog title={`Edit ${number}`} onClose={onClose}>
      <Form fields={["subject", "description"]} check={check} onSend={send} submit="Save" onCancel={onClose}>
        <TextField
          label="Subject"
          name="subject"
          isRequired
          autoFocus
          maxLength={255}
          value={subject}
          onChange={setSubject}
        />
        <TextArea
          label="Description"
          name="description"
          isRequired
          rows={8}
          maxLength={20_000}
          value={description}
          onChange={setDescription}
        />
      </Form>
    </Dialog>
  );
}
