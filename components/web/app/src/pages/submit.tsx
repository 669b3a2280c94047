// Asking for something: the fields are the catalogue's. What was typed is kept until it is sent.
import { useState } from "react";
import * as tickets from "../api/tickets";
import type { Catalogue, Category, CostItem, FormField } from "../api/tickets";
import { useRefresh } from "../live/live";
import { useDraft } from "../parts/draft";
import { checkFiles, type FileLimits, FilePicker } from "../parts/files";
import { Form, Select, TextArea, TextField } from "../parts/form";
import { PageHead } from "../parts/page";
import { Loaded } from "../parts/states";
import { useToast } from "../parts/toasts";
import { navigate } from "../router";
import { CostItems, filled } from "./cost_items";
import { useCatalogue } from "./ticket/decisions";

interface Draft {
  readonly subject: string;
  readonly description: string;
  readonly category: string;
  readonly sub_category: string;
  readonly scheduled_date: string;
  /** Answers to the category's form, kept while another category is looked at. */
  readonly answers: Readonly<Record<string, string>>;
  readonly costItems: readonly CostItem[];
}

const EMPTY: Draft = {
  subject: "",
  description: "",
  category: "",
  sub_category: "",
  scheduled_date: "",
  answers: {},
  costItems: [],
};

export function Submit() {
  const catalogue = useCatalogue();
  return (
    <>
      <PageHead title="Submit a request" intro="Say what you need. A coordinator looks at it first." />
      <Loaded query={catalogue} lines={8}>
        {(known) => <SubmitForm catalogue={known} />}
      </Loaded>
    </>
  );
}

function SubmitForm({ catalogue }: { catalogue: Catalogue }) {
  const [draft, change, clear] = useDraft<Draft>("submit", EMPTY);
  const [files, setFiles] = useState<readonly File[]>([]);
  const refresh = useRefresh();
  const toast = useToast();

  const category = catalogue.categories.find((it) => it.code === draft.category);
  const limits = tickets.limitsOf(catalogue);
  const names = [
    "subject",
    "description",
    "category",
    "sub_category",
    "scheduled_date",
    "files",
    ...(category?.fields ?? []).map((it) => it.name),
  ];

  const send = async () => {
    const ticket = await tickets.submit(toForm(draft, category, files));
    clear();
    toast.done(`${ticket.number} is submitted.`);
    refresh();
    navigate(`/ticket/${ticket.number}`);
  };
  const answer = (name: string, value: string) => change({ answers: { ...draft.answers, [name]: value } });
  return (
    <Form
      className="card-form"
      fields={names}
      check={() => missing(draft, category, files, limits)}
      onSend={send}
      submit="Submit request"
    >
      <TextField
        label="Subject"
        name="subject"
        isRequired
        maxLength={255}
        value={draft.subject}
        onChange={(subject) => change({ subject })}
      />
      <div className="field-pair">
        <Select
          label="Category"
          name="category"
          isRequired
          placeholder="Choose…"
          value={draft.category}
          options={catalogue.categories.map(({ code, name }) => ({ value: code, label: name }))}
          onChange={(code) => change({ category: code, sub_category: onlyOne(catalogue, code) })}
        />
        {category && category.sub_categories.length > 0 && (
          <Select
            label="Sub-category"
            name="sub_category"
            isRequired
            placeholder="Choose…"
            value={draft.sub_category}
            options={category.sub_categories.map(({ code, name }) => ({ value: code, label: name }))}
            onChange={(sub_category) => change({ sub_category })}
          />
        )}
      </div>
      <TextArea
        label="Description"
        name="description"
        isRequired
        rows={6}
        maxLength={20_000}
        value={draft.description}
        onChange={(description) => change({ description })}
      />
      {category && category.fields.length > 0 && (
        <fieldset className="field-group">
          <legend>{category.name}</legend>
          {category.fields.map((field) =>
            field.kind === "cost_items" ? (
              <CostItems
                key={field.name}
                field={field}
                items={draft.costItems}
                onChange={(costItems) => change({ costItems })}
              />
            ) : (
              <Answer
                key={field.name}
                field={field}
                value={draft.answers[field.name] ?? ""}
                onChange={(value) => answer(field.name, value)}
              />
            ),
          )}
        </fieldset>
      )}
      <TextField
        label="Wanted on"
        name="scheduled_date"
        type="date"
        value={draft.scheduled_date}
        onChange={(scheduled_date) => change({ scheduled_date })}
      />
      <FilePicker label="Attachments" name="files" files={files} limits={limits} onChange={setFiles} />
    </Form>
  );
}

function Answer({ field, value, onChange }: { field: FormField; value: string; onChange: (value: string) => void }) {
  const { label, name, required: isRequired, kind, max_length } = field;
  const shared = { label, name, isRequired, value, onChange };
  if (kind === "choice") return <Select {...shared} placeholder="Choose…" options={field.choices} />;
  if (kind === "date") return <TextField {...shared} type="date" />;
  if (kind === "integer") return <TextField {...shared} inputMode="numeric" maxLength={max_length} />;
  if (kind === "decimal") return <TextField {...shared} inputMode="decimal" maxLength={max_length} />;
  return max_length > 200 ? (
    <TextArea {...shared} rows={3} maxLength={max_length} />
  ) : (
    <TextField {...shared} maxLength={max_length} />
  );
}

/** A choice of one is none. */
function onlyOne(catalogue: Catalogue, code: string): string {
  const choices = catalogue.categories.find((it) => it.code === code)?.sub_categories ?? [];
  return choices.length === 1 ? (choices[0]?.code ?? "") : "";
}

function missing(draft: Draft, category: Category | undefined, files: readonly File[], limits: FileLimits) {
  const wrong = new Map<string, string>();
  const need = (name: string, value: string | undefined) => {
    if (!value?.trim()) wrong.set(name, "Please fill this in.");
  };
  need("subject", draft.subject);
  need("description", draft.description);
  need("category", draft.category);
  if (category && category.sub_categories.length > 0) need("sub_category", draft.sub_category);
  for (const field of category?.fields ?? []) {
    if (field.required && field.kind !== "cost_items") need(field.name, draft.answers[field.name]);
  }
  const { performance_start_date: from, performance_end_date: until } = draft.answers;
  if (from && until && until < from) wrong.set("performance_end_date", "This is before the beginning.");
  const items = filled(draft.costItems);
  if (items.some((item) => !item.element.trim() || !/^\d+(\.\d{1,2})?$/.test(item.amount.trim()))) {
    wrong.set("cost_items", "Each item needs a name and an amount like 120 or 120.50.");
  }
  const wrongFiles = checkFiles(files, limits);
  if (wrongFiles) wrong.set("files", wrongFiles);
  return wrong;
}

function toForm(draft: Draft, category: Category | undefined, files: readonly File[]): FormData {
  const form = new FormData();
  const put = (name: string, value: string | undefined) => {
    if (value?.trim()) form.set(name, value.trim());
  };
  put("subject", draft.subject);
  put("description", draft.description);
  put("category", draft.category);
  put("sub_category", draft.sub_category);
  put("scheduled_date", draft.scheduled_date);
  for (const field of category?.fields ?? []) {
    if (field.kind !== "cost_items") put(field.name, draft.answers[field.name]);
    else if (filled(draft.costItems).length > 0) put(field.name, JSON.stringify(filled(draft.costItems)));
  }
  for (const file of files) form.append("files[]", file, file.name);
  return form;
}
