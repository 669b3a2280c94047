// Choosing files, checked before they are sent: how many, how large, which kinds. The service looks at their content.
import { useRef } from "react";
import { size } from "../format/size";
import { Field } from "./form";
import { Icon } from "./icon";

export interface FileLimits {
  readonly files: number;
  readonly bytes: number;
  /** Endings of names, without their dot. */
  readonly endings: readonly string[];
}

/** What is wrong with these files, in one text; nothing if nothing is. */
export function checkFiles(files: readonly Pick<File, "name" | "size">[], limits: FileLimits): string | null {
  const wrong = files.flatMap((file) => {
    const ending = file.name.split(".").pop()?.toLowerCase() ?? "";
    if (!file.name.includes(".") || !limits.endings.includes(ending))
      return [`${file.name} is of a kind that is not taken.`];
    if (file.size === 0) return [`${file.name} is empty.`];
    return file.size > limits.bytes ? [`${file.name} is larger than ${size(limits.bytes)}.`] : [];
  });
  if (files.length > limits.files) wrong.unshift(`At most ${limits.files} files are taken.`);
  return wrong.length > 0 ? wrong.join(" ") : null;
}

interface Props {
  readonly label: string;
  readonly name: string;
  readonly files: readonly File[];
  readonly limits: FileLimits;
  readonly onChange: (files: readonly File[]) => void;
}

export function FilePicker({ label, name, files, limits, onChange }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const add = (chosen: FileList | null) => {
    const known = new Set(files.map((file) => `${file.name}/${file.size}`));
    onChange([...files, ...[...(chosen ?? [])].filter((file) => !known.has(`${file.name}/${file.size}`))]);
    // The same file can be chosen again after it was taken away.
    if (input.current) input.current.value = "";
  };
  return (
    <Field
      label={label}
      name={name}
      hint={`Up to ${limits.files} files of ${size(limits.bytes)}: documents, pictures, text, zip.`}
    >
      {(wiring) => (
        <>
          <input
            {...wiring}
            ref={input}
            type="file"
            multiple
            accept={limits.endings.map((ending) => `.${ending}`).join(",")}
            onChange={(event) => add(event.target.files)}
          />
          {files.length > 0 && (
            <ul className="files" aria-label="Chosen files">
              {files.map((file) => (
                <li key={`${file.name}/${file.size}`}>
                  <Icon name="attach" />
                  <span className="file-name">{file.name}</span>
                  <span className="muted">{size(file.size)}</span>
                  <button
                    type="button"
                    className="icon-button"
                    aria-label={`Remove ${file.name}`}
                    onClick={() => onChange(files.filter((other) => other !== file))}
                  >
                    <Icon name="close" />
                  </button>
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </Field>
  );
}
