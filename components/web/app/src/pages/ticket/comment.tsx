// One comment with its replies: answering, rating, correcting, taking back.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import * as comments from "../../api/comments";
import { type Comment, TEXT_MAX } from "../../api/comments";
import { sentence } from "../../api/problem";
import { Form, TextArea } from "../../parts/form";
import { Icon } from "../../parts/icon";
import { ReasonDialog } from "../../parts/reason_dialog";
import { FileList, Moment } from "../../parts/shown";
import { useToast } from "../../parts/toasts";
import { usePerson } from "../../session/session";

type Open = "reply" | "edit" | "remove" | null;

export function CommentEntry({ comment, onChanged }: { comment: Comment; onChanged: () => void }) {
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const isReply = comment.parent_id !== null;
  if (comment.deleted_at) {
    return (
      <li className="comment">
        <p className="muted">This comment was taken back.</p>
        <Replies of={comment} onChanged={onChanged} />
      </li>
    );
  }
  return (
    <li className={comment.visibility === "internal" ? "comment internal" : "comment"}>
      <header>
        <b>{comment.author.name}</b> <span className="role">{comment.author.role}</span>
        {comment.visibility === "internal" && (
          <span className="badge internal-mark">
            <Icon name="lock" /> Internal
          </span>
        )}
        <span className="muted">
          <Moment at={comment.created_at} />
          {comment.edited_at && ", edited"}
        </span>
      </header>
      {open === "edit" ? (
        <TextForm
          label="Comment"
          submit="Save"
          text={comment.body}
          onClose={close}
          onSend={(text) => comments.edit(comment.id, text).then(onChanged)}
        />
      ) : (
        <p className="prose">{comment.body}</p>
      )}
      {comment.files.length > 0 && <FileList files={comment.files} showsPictures />}
      <Buttons comment={comment} isReply={isReply} onOpen={setOpen} onChanged={onChanged} />
      {open === "reply" && (
        <TextForm
          label={`Reply to ${comment.author.name}`}
          submit="Send reply"
          text=""
          onClose={close}
          onSend={(text) => comments.reply(comment.id, text).then(onChanged)}
        />
      )}
      {open === "remove" && (
        <ReasonDialog
          title="Take this comment back?"
          intro="Nobody will be able to read it any more."
          submit="Take back"
          danger
          done="The comment is taken back."
          onSend={() => comments.remove(comment.id)}
          onClose={close}
        />
      )}
      <Replies of={comment} onChanged={onChanged} />
    </li>
  );
}

function Replies({ of, onChanged }: { of: Comment; onChanged: () => void }) {
  const [isWhole, setWhole] = useState(false);
  const whole = useQuery({
    queryKey: ["comments", of.ticket_number, "whole", of.id],
    queryFn: ({ signal }) => comments.show(of.id, signal),
    enabled: isWhole,
  }).data;
  const replies = whole?.replies ?? of.replies;
  if (replies.length === 0) return null;
  return (
    <>
      {replies.length < of.reply_count && (
        <button type="button" className="button quiet" onClick={() => setWhole(true)}>
          Show all {of.reply_count} replies
        </button>
      )}
      <ul className="replies" aria-label={`Replies to ${of.author.name}`}>
        {replies.map((reply) => (
          <CommentEntry key={reply.id} comment={reply} onChanged={onChanged} />
        ))}
      </ul>
    </>
  );
}

interface ButtonsProps {
  readonly comment: Comment;
  readonly isReply: boolean;
  readonly onOpen: (open: Open) => void;
  readonly onChanged: () => void;
}

function Buttons({ comment, isReply, onOpen, onChanged }: ButtonsProps) {
  const { id, rights } = usePerson();
  const toast = useToast();
  const { up, down, mine } = comment.rating;
  const mayChange = comment.author.id === id || rights.moderates;
  const rate = (rating: boolean) =>
    comments.rate(comment.id, mine === rating ? null : rating).then(onChanged, (error) => toast.fail(sentence(error)));
  return (
    <div className="comment-actions">
      <button
        type="button"
        className="button quiet"
        aria-pressed={mine === true}
        aria-label={`Helpful, ${up}`}
        onClick={() => rate(true)}
      >
        <Icon name="up" /> {up}
      </button>
      <button
        type="button"
        className="button quiet"
        aria-pressed={mine === false}
        aria-label={`Not helpful, ${down}`}
        onClick={() => rate(false)}
      >
        <Icon name="down" /> {down}
      </button>
      {!isReply && (
        <button type="button" className="button quiet" onClick={() => onOpen("reply")}>
          Reply
        </button>
      )}
      {mayChange && (
        <button type="button" className="button quiet" onClick={() => onOpen("edit")}>
          Edit
        </button>
      )}
      {mayChange && (
        <button type="button" className="button quiet" onClick={() => onOpen("remove")}>
          Take back
        </button>
      )}
    </div>
  );
}

interface TextFormProps {
  readonly label: string;
  readonly submit: string;
  readonly text: string;
  readonly onSend: (text: string) => Promise<unknown>;
  readonly onClose: () => void;
}

function TextForm({ label, submit, text: before, onSend, onClose }: TextFormProps) {
  const [text, setText] = useState(before);
  const check = () => new Map(text.trim() ? [] : [["content", "Please write something."]]);
  const send = async () => {
    await onSend(text.trim());
    onClose();
  };
  return (
    <Form fields={["content"]} check={check} onSend={send} submit={submit} onCancel={onClose}>
      <TextArea
        label={label}
        name="content"
        isRequired
        autoFocus
        rows={3}
        maxLength={TEXT_MAX}
        value={text}
        onChange={setText}
      />
    </Form>
  );
}
