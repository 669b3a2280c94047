// What people say about a ticket, live while the page is open.
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import * as comments from "../../api/comments";
import { FILES, TEXT_MAX } from "../../api/comments";
import { Problem } from "../../api/problem";
import { useLiveComments } from "../../live/live";
import { useDraft } from "../../parts/draft";
import { checkFiles, FilePicker } from "../../parts/files";
import { Form, TextArea } from "../../parts/form";
import { Icon } from "../../parts/icon";
import { Pager } from "../../parts/list";
import { Empty, Failure, Skeleton } from "../../parts/states";
import { CommentEntry } from "./comment";

/** A new ticket is not known everywhere at once. */
const SOON = {
  retry: (failures: number, error: Error) => failures < 4 && !(error instanceof Problem && error.status === 403),
  retryDelay: 700,
};

export function Comments({ number, mayBeInternal }: { number: string; mayBeInternal: boolean }) {
  const [page, setPage] = useState(1);
  const queries = useQueryClient();
  const found = useQuery({
    queryKey: ["comments", number, page],
    queryFn: ({ signal }) => comments.list(number, page, signal),
    placeholderData: keepPreviousData,
    ...SOON,
  });
  useLiveComments(number, found.isSuccess);
  const changed = () => void queries.invalidateQueries({ queryKey: ["comments", number] });

  return (
    <section className="panel" aria-labelledby="comments">
      <h2 id="comments">Comments</h2>
      {found.isPending && <Skeleton lines={3} />}
      {found.isError && !found.data && <Refused error={found.error} onRetry={() => void found.refetch()} />}
      {found.data && (
        <>
          <Composer number={number} mayBeInternal={mayBeInternal} onDone={changed} />
          {found.data.items.length === 0 && <Empty>Nobody has said anything yet.</Empty>}
          <ul className="comments" aria-label="Comments">
            {found.data.items.map((comment) => (
              <CommentEntry key={comment.id} comment={comment} onChanged={changed} />
            ))}
          </ul>
          {found.data.pages > 1 && <Pager {...found.data} noun="comment" onPage={setPage} />}
        </>
      )}
    </section>
  );
}

function Refused({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const isForOthers = error instanceof Problem && (error.status === 404 || error.status === 403);
  if (isForOthers) return <Empty>Only people who take part in this ticket read its comments.</Empty>;
  return <Failure error={error} onRetry={onRetry} />;
}

interface Draft {
  readonly text: string;
  readonly isInternal: boolean;
}

const EMPTY: Draft = { text: "", isInternal: false };

function Composer({ number, mayBeInternal, onDone }: { number: string; mayBeInternal: boolean; onDone: () => void }) {
  const [draft, change, clear] = useDraft<Draft>(`comment.${number}`, EMPTY);
  const [files, setFiles] = useState<readonly File[]>([]);
  const isInternal = mayBeInternal && draft.isInternal;
  const check = () => {
    const wrong = new Map<string, string>();
    if (!draft.text.trim()) wrong.set("content", "Please write something.");
    const wrongFiles = checkFiles(files, FILES);
    if (wrongFiles) wrong.set("files", wrongFiles);
    return wrong;
  };
  const send = async () => {
    await comments.write(number, draft.text.trim(), isInternal, files);
    clear();
    setFiles([]);
    onDone();
  };
  return (
    <div className={isInternal ? "composer internal" : "composer"}>
      <Form
        fields={["content", "files", "is_internal"]}
        check={check}
        onSend={send}
        submit={isInternal ? "Add internal note" : "Add comment"}
      >
        <TextArea
          label="Comment"
          name="content"
          isRequired
          rows={3}
          maxLength={TEXT_MAX}
          value={draft.text}
          onChange={(text) => change({ text })}
        />
        {mayBeInternal && (
          <fieldset className="choices-row">
            <legend>Who reads it</legend>
            <label>
              <input
                type="radio"
                name="visibility"
                checked={!isInternal}
                onChange={() => change({ isInternal: false })}
              />
              Public
            </label>
            <label>
              <input
                type="radio"
                name="visibility"
                checked={isInternal}
                onChange={() => change({ isInternal: true })}
              />
              <Icon name="lock" /> Internal, not for the requester
            </label>
          </fieldset>
        )}
        <details className="more" open={files.length > 0}>
          <summary>
            <Icon name="attach" /> Attach files
          </summary>
          <FilePicker label="Files" name="files" files={files} limits={FILES} onChange={setFiles} />
        </details>
      </Form>
    </div>
  );
}
