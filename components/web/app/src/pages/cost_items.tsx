// The items of a budget: a table one writes into, with its sum.
import type { CostItem, FormField } from "../api/tickets";
import { amount } from "../format/size";
import { Field } from "../parts/form";
import { Icon } from "../parts/icon";

const BLANK: CostItem = { element: "", description: "", amount: "" };
const MOST = 100;

/** Lines in which something is written. */
export const filled = (items: readonly CostItem[]) =>
  items.filter((item) => item.element.trim() || item.description.trim() || item.amount.trim());

export const total = (items: readonly CostItem[]) =>
  items.reduce((sum, item) => sum + Math.round((Number(item.amount) || 0) * 100), 0) / 100;

interface Props {
  readonly field: FormField;
  readonly items: readonly CostItem[];
  readonly onChange: (items: readonly CostItem[]) => void;
}

export function CostItems({ field, items, onChange }: Props) {
  const lines = items.length > 0 ? items : [BLANK];
  const set = (at: number, part: Partial<CostItem>) =>
    onChange(lines.map((line, index) => (index === at ? { ...line, ...part } : line)));
  return (
    <Field label={field.label} name={field.name} isRequired={field.required}>
      {(wiring) => (
        <div className="cost-items" role="group" aria-label={field.label}>
          {lines.map((line, at) => (
            <div className="cost-item" key={at}>
              <input
                {...(at === 0 ? wiring : {})}
                type="text"
                aria-label={`Item ${at + 1}`}
                placeholder="Item"
                maxLength={150}
                value={line.element}
                onChange={(event) => set(at, { element: event.target.value })}
              />
              <input
                type="text"
                aria-label={`Description of item ${at + 1}`}
                placeholder="Description"
                maxLength={500}
                value={line.description}
                onChange={(event) => set(at, { description: event.target.value })}
              />
              <input
                type="text"
                inputMode="decimal"
                aria-label={`Amount of item ${at + 1}`}
                placeholder="0.00"
                maxLength={15}
                value={line.amount}
                onChange={(event) => set(at, { amount: event.target.value })}
              />
              <button
                type="button"
                className="icon-button"
                aria-label={`Remove item ${at + 1}`}
                onClick={() => onChange(lines.filter((_, index) => index !== at))}
              >
                <Icon name="close" />
              </button>
            </div>
          ))}
          <div className="cost-sum">
            <button
              type="button"
              className="button"
              disabled={lines.length >= MOST}
              onClick={() => onChange([...lines, BLANK])}
            >
              <Icon name="plus" /> Add an item
            </button>
            <output>
              Total: <b>{amount(total(lines))}</b>
            </output>
          </div>
        </div>
      )}
    </Field>
  );
}
