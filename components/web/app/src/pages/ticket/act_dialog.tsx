// Acting on a task: which way it goes, with a word about it, confirmed.
import { useState } from "react";
import * as workflows from "../../api/workflows";
import type { Action, TaskView } from "../../api/workflows";
import { useRefresh } from "../../live/live";
import { Dialog } from "../../parts/dialog";
import { Field, Form, TextArea } from "../../parts/form";
import { useToast } from "../../parts/toasts";

/** The end of the work has no transition of its own. */
const keyOf = (action: Action) => action.transition_id ?? "finish";

function consequence(action: Action): string {
  if (!action.to_step) return "The work on this ticket is then done.";
  return action.kind === "return" ? `Goes back to ${action.to_step.name}.` : `Goes on to ${action.to_step.name}.`;
}

export function ActDialog({ view, onClose }: { view: TaskView; onClose: () => void }) {
  const actions = view.available_actions;
  const [chosen, setChosen] = useState(actions.length === 1 && actions[0] ? keyOf(actions[0]) : "");
  const [notes, setNotes] = useState("");
  const refresh = useRefresh();
  const toast = useToast();
  const action = actions.find((it) => keyOf(it) === chosen);

  const check = () => {
    const wrong = new Map<string, string>();
    if (!action) wrong.set("transition_id", "Please choose one.");
    if (!notes.trim()) wrong.set("notes", "Please say what was done in a few words.");
    return wrong;
  };
  const send = async () => {
    if (!action) return;
    await workflows.act(view.task, action.transition_id, notes.trim());
    refresh();
    toast.done(`${action.name}: done.`);
    onClose();
  };
  return (
    <Dialog title="Make an action" onClose={onClose}>
      <Form fields={["transition_id", "notes"]} check={check} onSend={send} submit="Confirm" onCancel={onClose}>
        <Field label="Action" name="transition_id" isRequired>
          {({ id, name, ...wiring }) => (
            <div className="choices" role="radiogroup" aria-label="Action" {...wiring}>
              {actions.map((it, at) => (
                <label key={keyOf(it)} className="choice">
                  <input
                    type="radio"
                    name={name}
                    {...(at === 0 && { id })}
                    checked={keyOf(it) === chosen}
                    aria-label={it.name}
                    aria-describedby={`${id}-${at}`}
                    onChange={() => setChosen(keyOf(it))}
                  />
                  <span>
                    <b>{it.name}</b>
                    <span className="under" id={`${id}-${at}`}>
                      {consequence(it)}
                    </span>
                  </span>
                </label>
              ))}
            </div>
          )}
        </Field>
        <TextArea label="Notes" name="notes" isRequired value={notes} onChange={setNotes} maxLength={4000} />
      </Form>
    </Dialog>
  );
}
