// What the person who asked can do: withdraw, close, reopen, rate.
import { useState } from "react";
import * as tickets from "../../api/tickets";
import type { Ticket } from "../../api/tickets";
import { useRefresh } from "../../live/live";
import { Dialog } from "../../parts/dialog";
import { Form, TextArea } from "../../parts/form";
import { ReasonDialog } from "../../parts/reason_dialog";
import { useToast } from "../../parts/toasts";
import { EditButton } from "./edit";

type Open = "withdraw" | "close" | "reopen" | "rate" | null;

export function RequesterActions({ ticket }: { ticket: Ticket }) {
  const [open, setOpen] = useState<Open>(null);
  const { number, status } = ticket;
  const close = () => setOpen(null);
  const mayWithdraw = status !== "Rejected" && ticket.next_statuses.includes("Withdrawn");
  return (
    <>
      {status === "Resolved" && (
        <>
          <button type="button" className="button primary" onClick={() => setOpen("close")}>
            Close
          </button>
          <button type="button" className="button" onClick={() => setOpen("reopen")}>
            Reopen
          </button>
        </>
      )}
      {status === "Closed" && ticket.csat_rating === null && (
        <button type="button" className="button primary" onClick={() => setOpen("rate")}>
          Rate
        </button>
      )}
      {status === "New" && <EditButton ticket={ticket} />}
      {mayWithdraw && (
        <button type="button" className="button" onClick={() => setOpen("withdraw")}>
          Withdraw
        </button>
      )}
      {open === "withdraw" && (
        <ReasonDialog
          title={`Withdraw ${number}`}
          intro="Nobody will work on it any more. This cannot be undone."
          reason={{ label: "Reason", name: "reason", isRequired: true }}
          submit="Withdraw"
          danger
          done={`${number} is withdrawn.`}
          onSend={(reason) => tickets.withdraw(number, reason)}
          onClose={close}
        />
      )}
      {open === "close" && (
        <ReasonDialog
          title={`Close ${number}`}
          intro="Is everything done? You can rate the service afterwards."
          submit="Close ticket"
          done={`${number} is closed.`}
          onSend={() => tickets.setStatus(number, "Closed", "")}
          onClose={close}
        />
      )}
      {open === "reopen" && (
        <ReasonDialog
          title={`Reopen ${number}`}
          intro="Work on it begins again."
          reason={{ label: "What is still missing", name: "reason", isRequired: true }}
          submit="Reopen"
          done={`${number} is open again.`}
          onSend={(reason) => tickets.reopen(number, reason)}
          onClose={close}
        />
      )}
      {open === "rate" && <RateDialog number={number} onClose={close} />}
    </>
  );
}

const STARS = [
  [1, "Very bad"],
  [2, "Bad"],
  [3, "Fair"],
  [4, "Good"],
  [5, "Very good"],
] as const;
const QUICK = ["Fast", "Friendly", "Solved my problem", "Took too long", "Hard to follow"];
const FEEDBACK_MAX = 255;

function RateDialog({ number, onClose }: { number: string; onClose: () => void }) {
  const [rating, setRating] = useState(0);
  const [feedback, setFeedback] = useState("");
  const refresh = useRefresh();
  const toast = useToast();
  const check = () => new Map(rating ? [] : [["rating", "Please choose one to five stars."]]);
  const send = async () => {
    await tickets.rate(number, rating, feedback.trim());
    toast.done("Thank you for your rating.");
    refresh();
    onClose();
  };
  const add = (words: string) =>
    setFeedback((text) => (text ? `${text}, ${words.toLowerCase()}` : words).slice(0, FEEDBACK_MAX));
  return (
    <Dialog title="How was it?" onClose={onClose}>
      <Form fields={["rating", "feedback"]} check={check} onSend={send} submit="Send rating" onCancel={onClose}>
        <fieldset className="stars">
          <legend>Stars</legend>
          {STARS.map(([stars, name]) => (
            <label key={stars} className={stars <= rating ? "star lit" : "star"}>
              <input
                type="radio"
                name="rating"
                value={stars}
                checked={rating === stars}
                onChange={() => setRating(stars)}
              />
              <span aria-hidden="true">★</span>
              <span className="hidden">
                {stars} of 5: {name}
              </span>
            </label>
          ))}
          <span className="muted" aria-hidden="true">
            {STARS.find(([stars]) => stars === rating)?.[1]}
          </span>
        </fieldset>
        <div className="chips" role="group" aria-label="Quick feedback">
          {QUICK.map((words) => (
            <button key={words} type="button" className="chip" onClick={() => add(words)}>
              {words}
            </button>
          ))}
        </div>
        <TextArea
          label="Feedback"
          name="feedback"
          value={feedback}
          onChange={setFeedback}
          maxLength={FEEDBACK_MAX}
          rows={3}
        />
      </Form>
    </Dialog>
  );
}
