// A change that needs a reason in words, or only a yes.
import { type ReactNode, useState } from "react";
import { useRefresh } from "../live/live";
import { Dialog } from "./dialog";
import { Form, TextArea } from "./form";
import { useToast } from "./toasts";

interface Props {
  readonly title: string;
  readonly intro: ReactNode;
  /** The words asked for; absent: none. */
  readonly reason?: {
    readonly label: string;
    readonly name: string;
    readonly isRequired: boolean;
    readonly max?: number;
  };
  readonly submit: string;
  readonly danger?: boolean;
  readonly done: string;
  readonly onSend: (reason: string) => Promise<unknown>;
  readonly onClose: () => void;
}

export function ReasonDialog({ title, intro, reason, submit, danger, done, onSend, onClose }: Props) {
  const [text, setText] = useState("");
  const refresh = useRefresh();
  const toast = useToast();
  const check = () =>
    new Map(reason?.isRequired && !text.trim() ? [[reason.name, "Please say why in a few words."]] : []);
  const send = async () => {
    await onSend(text.trim());
    toast.done(done);
    refresh();
    onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <Form
        fields={reason ? [reason.name] : []}
        check={check}
        onSend={send}
        submit={submit}
        danger={danger ?? false}
        onCancel={onClose}
      >
        <p>{intro}</p>
        {reason && (
          <TextArea
            label={reason.label}
            name={reason.name}
            isRequired={reason.isRequired}
            autoFocus
            value={text}
            onChange={setText}
            maxLength={reason.max ?? 2000}
          />
        )}
      </Form>
    </Dialog>
  );
}
