// What a coordinator can do on the page of a ticket.
import { useState } from "react";
import * as tickets from "../../api/tickets";
import type { Ticket } from "../../api/tickets";
import { ReasonDialog } from "../../parts/reason_dialog";
import { ApproveDialog, RejectDialog, StatusDialog, statusesByHand } from "./decisions";
import { EditButton } from "./edit";

type Open = "approve" | "reject" | "claim" | "status" | null;

const isEditable = (ticket: Ticket) => ["New", "Pending", "Open", "In Progress", "On Hold"].includes(ticket.status);

export function CoordinatorActions({ ticket, isRequester }: { ticket: Ticket; isRequester: boolean }) {
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const { number, next_statuses: next } = ticket;
  // The requester has a button of their own for it.
  const byHand = statusesByHand(next).filter(
    (status) => !(status === "Closed" && isRequester) && !(ticket.status === "Open" && status === "In Progress"),
  );
  const isWaiting = ticket.status === "New" || ticket.status === "Pending";
  return (
    <>
      {isWaiting && (
        <button type="button" className="button primary" onClick={() => setOpen("approve")}>
          Approve
        </button>
      )}
      {isWaiting && next.includes("Rejected") && (
        <button type="button" className="button" onClick={() => setOpen("reject")}>
          Reject
        </button>
      )}
      {ticket.status === "Open" && (
        <button type="button" className="button" onClick={() => setOpen("claim")}>
          Claim
        </button>
      )}
      {byHand.length > 0 && (
        <button type="button" className="button" onClick={() => setOpen("status")}>
          Change status
        </button>
      )}
      {!isRequester && isEditable(ticket) && <EditButton ticket={ticket} />}
      {open === "approve" && <ApproveDialog ticket={ticket} onClose={close} />}
      {open === "reject" && <RejectDialog ticket={ticket} onClose={close} />}
      {open === "status" && <StatusDialog number={number} next={byHand} onClose={close} />}
      {open === "claim" && (
        <ReasonDialog
          title={`Claim ${number}`}
          intro="You take the ticket yourself; it is then in progress."
          submit="Claim"
          done={`${number} is yours.`}
          onSend={() => tickets.claim(number)}
          onClose={close}
        />
      )}
    </>
  );
}
