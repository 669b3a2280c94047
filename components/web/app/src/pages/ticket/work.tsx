// The work on a ticket: who has it, how its time stands, and what they can do with it.
import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { sentence } from "../../api/problem";
import * as workflows from "../../api/workflows";
import type { TaskView } from "../../api/workflows";
import { useRefresh } from "../../live/live";
import { Dialog } from "../../parts/dialog";
import { Field, Form, TextArea } from "../../parts/form";
import { ReasonDialog } from "../../parts/reason_dialog";
import { SlaBar } from "../../parts/shown";
import { useToast } from "../../parts/toasts";
import { usePerson } from "../../session/session";
import { ActDialog } from "./act_dialog";

type Open = "act" | "escalate" | "transfer" | null;

export function WorkPanel({ view }: { view: TaskView }) {
  const [open, setOpen] = useState<Open>(null);
  const [isBusy, setBusy] = useState(false);
  const { id: me, rights } = usePerson();
  const refresh = useRefresh();
  const toast = useToast();
  const reasonId = useId();
  const { item, task } = view;
  const close = () => setOpen(null);
  const isMine = item?.assignee.id === me;
  const reason = view.can_act ? (view.can_escalate ? null : "It cannot be escalated any further.") : whyNot(view, me);

  const start = async () => {
    if (!item || isBusy) return;
    setBusy(true);
    await workflows.start(item.id).then(
      () => toast.done("Started."),
      (error) => toast.fail(sentence(error)),
    );
    setBusy(false);
    refresh();
  };
  return (
    <section className="panel work" aria-labelledby="work">
      <h2 id="work">Work</h2>
      {item && (
        <dl className="facts">
          <div>
            <dt>Step</dt>
            <dd>
              {item.step.name}
              <span className="under">{item.role}</span>
            </dd>
          </div>
          <div>
            <dt>{item.acted_at ? "Done by" : "With"}</dt>
            <dd>{isMine ? "you" : item.assignee.name}</dd>
          </div>
          {item.acted_at === null && (
            <div>
              <dt>Time</dt>
              <dd>
                <SlaBar item={item} />
              </dd>
            </div>
          )}
        </dl>
      )}
      {reason && (
        <p className="reason" id={reasonId}>
          {reason}
        </p>
      )}
      {(rights.works || rights.administersTasks) && (
        <div className="actions">
          {item?.state === "new" && view.can_act && (
            <button type="button" className="button primary" aria-disabled={isBusy} onClick={start}>
              Start
            </button>
          )}
          <button
            type="button"
            className={item?.state === "new" ? "button" : "button primary"}
            disabled={!view.can_act}
            aria-describedby={reason ? reasonId : undefined}
            onClick={() => setOpen("act")}
          >
            Make an action
          </button>
          <button
            type="button"
            className="button"
            disabled={!view.can_escalate}
            aria-describedby={reason ? reasonId : undefined}
            onClick={() => setOpen("escalate")}
          >
            Escalate
          </button>
          {rights.administersTasks && (
            <button
              type="button"
              className="button"
              disabled={!view.can_transfer}
              aria-describedby={reason ? reasonId : undefined}
              onClick={() => setOpen("transfer")}
            >
              Transfer
            </button>
          )}
        </div>
      )}
      {open === "act" && <ActDialog view={view} onClose={close} />}
      {open === "escalate" && item && (
        <ReasonDialog
          title="Escalate"
          intro={`${item.step.name} goes to somebody with more rights. Its time goes on.`}
          reason={{ label: "Reason", name: "reason", isRequired: true }}
          submit="Escalate"
          done="Escalated."
          onSend={(text) => workflows.escalate(item.id, text)}
          onClose={close}
        />
      )}
      {open === "transfer" && item && <TransferDialog item={item.id} holder={item.assignee.id} onClose={close} />}
      {task.state === "cancelled" && <p className="muted">The task was cancelled.</p>}
    </section>
  );
}

/** Why the buttons do nothing, in one sentence. */
function whyNot(view: TaskView, me: string): string {
  const { task, item } = view;
  if (task.state === "completed") return "All work on this ticket is done.";
  if (task.state === "cancelled") return "This task was cancelled; there is nothing left to do.";
  if (task.state === "on_hold") return "Work rests while the ticket is on hold.";
  if (item && item.acted_at === null && item.assignee.id !== me)
    return `Only ${item.assignee.name} can act on this step now.`;
  if (view.is_escalated) return "You escalated this; somebody else works on it now.";
  if (view.is_transferred) return "This was transferred; somebody else works on it now.";
  if (view.has_acted) return "You have done your part; the next step is with somebody else.";
  return "Nothing of this ticket is with you at the moment.";
}

function TransferDialog({ item, holder, onClose }: { item: string; holder: string; onClose: () => void }) {
  const [user, setUser] = useState("");
  const [notes, setNotes] = useState("");
  const refresh = useRefresh();
  const toast = useToast();
  const roles = useQuery({ queryKey: ["roles"], queryFn: ({ signal }) => workflows.roles(signal), staleTime: 60_000 });
  const check = () => {
    const missing = [
      ["user_id", user],
      ["notes", notes.trim()],
    ].filter(([, value]) => !value);
    return new Map(
      missing.map(([name]) => [
        name ?? "",
        name === "notes" ? "Please say why in a few words." : "Please choose somebody.",
      ]),
    );
  };
  const send = async () => {
    await workflows.transfer(item, user, notes.trim());
    toast.done("Transferred.");
    refresh();
    onClose();
  };
  return (
    <Dialog title="Transfer" onClose={onClose}>
      <Form fields={["user_id", "notes"]} check={check} onSend={send} submit="Transfer" onCancel={onClose}>
        {roles.isError && <p className="notice error">{sentence(roles.error)}</p>}
        <Field label="To" name="user_id" isRequired>
          {(wiring) => (
            <select {...wiring} value={user} onChange={(event) => setUser(event.target.value)}>
              <option value="">Choose…</option>
              {(roles.data ?? [])
                .filter((role) => role.system === "tts")
                .map((role) => (
                  <optgroup key={role.name} label={role.name}>
                    {role.members
                      .filter((person) => person.id !== holder)
                      .map((person) => (
                        <option key={person.id} value={person.id}>
                          {person.name}
                        </option>
                      ))}
                  </optgroup>
                ))}
            </select>
          )}
        </Field>
        <TextArea label="Notes" name="notes" isRequired value={notes} onChange={setNotes} maxLength={2000} />
      </Form>
    </Dialog>
  );
}
