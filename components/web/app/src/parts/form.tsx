// Forms: fields with their labels, hints and errors; sending; and the answer's errors shown where they belong.
import {
  type FormEvent,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  type InputHTMLAttributes,
  createContext,
  useContext,
  useId,
  useRef,
  useState,
} from "react";
import { capital, Problem, sentence, sortErrors } from "../api/problem";
import { useRefresh } from "../live/live";
import { Icon } from "./icon";

/** What is wrong, by field. */
const Errors = createContext<ReadonlyMap<string, string>>(new Map());

interface FormProps {
  /** Names of the fields, so that errors of others are told above them. */
  readonly fields: readonly string[];
  /** Sends it. What it throws is shown. */
  readonly onSend: () => Promise<void>;
  /** Errors found before anything is sent, by field. */
  readonly check?: () => ReadonlyMap<string, string>;
  readonly submit: string;
  readonly danger?: boolean;
  readonly onCancel?: () => void;
  readonly className?: string;
  readonly children: ReactNode;
}

export function Form({ fields, onSend, check, submit, danger, onCancel, className = "", children }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  const refresh = useRefresh();
  const [isBusy, setBusy] = useState(false);
  const [errors, setErrors] = useState<ReadonlyMap<string, string>>(new Map());
  const [alert, setAlert] = useState<readonly string[]>([]);

  const show = (at: ReadonlyMap<string, string>, lines: readonly string[]) => {
    setErrors(at);
    setAlert(lines);
    if (at.size > 0) {
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
    }
  };
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (isBusy) return;
    const found = check?.() ?? new Map<string, string>();
    if (found.size > 0) return show(found, ["Some fields are not right. Please look at what is marked."]);
    setBusy(true);
    show(new Map(), []);
    try {
      await onSend();
    } catch (error) {
      // Somebody was faster: what is shown around the form is out of date.
      if (error instanceof Problem && error.status === 409) refresh();
      const { at, elsewhere } = sortErrors(error instanceof Problem ? error.errors : [], fields);
      show(at, [sentence(error), ...elsewhere.map((other) => capital(`${other.field} ${other.message}`))]);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form ref={form} className={`form ${className}`} onSubmit={send} noValidate>
      <Errors value={errors}>
        <div role="alert">
          {alert.length > 0 && (
            <div className="notice error">
              <Icon name="warning" />
              <div>
                {alert.map((line) => (
                  <p key={line}>{line}</p>
                ))}
              </div>
            </div>
          )}
        </div>
        {children}
        <div className="form-actions">
          {onCancel && (
            <button type="button" className="button" onClick={onCancel}>
              Cancel
            </button>
          )}
          <button type="submit" className={`button ${danger ? "danger" : "primary"}`} aria-disabled={isBusy}>
            {submit}
            {isBusy && "…"}
          </button>
        </div>
      </Errors>
    </form>
  );
}

interface Shell {
  readonly label: string;
  readonly name: string;
  readonly hint?: string | undefined;
  readonly isRequired?: boolean;
}

interface Wiring {
  readonly id: string;
  readonly name: string;
  readonly "aria-invalid": boolean | undefined;
  readonly "aria-describedby": string | undefined;
  readonly "aria-required": boolean | undefined;
}

/** Label, hint and error around a control. */
export function Field({
  label,
  name,
  hint,
  isRequired,
  children,
}: Shell & { children: (wiring: Wiring) => ReactNode }) {
  const id = useId();
  const error = useContext(Errors).get(name);
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className="field">
      <label htmlFor={id}>
        {label}
        {!isRequired && <span className="optional"> (optional)</span>}
      </label>
      {hint && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {children({
        id,
        name,
        "aria-invalid": error ? true : undefined,
        "aria-describedby": described || undefined,
        "aria-required": isRequired || undefined,
      })}
      {error && (
        <p className="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

type Control<E> = Shell & Omit<E, "name" | "onChange" | "value"> & { value: string; onChange: (value: string) => void };

export function TextField(props: Control<InputHTMLAttributes<HTMLInputElement>>) {
  const { label, name, hint, isRequired, onChange, ...rest } = props;
  return (
    <Field {...{ label, name, hint, isRequired: isRequired ?? false }}>
      {(wiring) => <input type="text" {...rest} {...wiring} onChange={(event) => onChange(event.target.value)} />}
    </Field>
  );
}

export function TextArea(props: Control<TextareaHTMLAttributes<HTMLTextAreaElement>>) {
  const { label, name, hint, isRequired, onChange, ...rest } = props;
  return (
    <Field {...{ label, name, hint, isRequired: isRequired ?? false }}>
      {(wiring) => <textarea rows={4} {...rest} {...wiring} onChange={(event) => onChange(event.target.value)} />}
    </Field>
  );
}

interface SelectProps extends Control<SelectHTMLAttributes<HTMLSelectElement>> {
  readonly options: readonly (string | { readonly value: string; readonly label: string })[];
  /** Shown while nothing is chosen. */
  readonly placeholder?: string;
}

export function Select(props: SelectProps) {
  const { label, name, hint, isRequired, onChange, options, placeholder, ...rest } = props;
  return (
    <Field {...{ label, name, hint, isRequired: isRequired ?? false }}>
      {(wiring) => (
        <select {...rest} {...wiring} onChange={(event) => onChange(event.target.value)}>
          {placeholder !== undefined && <option value="">{placeholder}</option>}
          {options.map((option) => {
            const { value, label } = typeof option === "string" ? { value: option, label: option } : option;
            return (
              <option key={value} value={value}>
                {label}
              </option>
            );
          })}
        </select>
      )}
    </Field>
  );
}
