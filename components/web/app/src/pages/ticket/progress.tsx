// The way through the workflow: which steps are done, which one is worked on, which are still to come.
import type { Progress } from "../../api/workflows";
import { Icon } from "../../parts/icon";

const WORDS = { done: "done", active: "in work", pending: "to come" };

export function ProgressTracker({ progress }: { progress: Progress }) {
  return (
    <section className="panel" aria-labelledby="progress">
      <h2 id="progress">Progress</h2>
      <ol className="progress">
        {progress.nodes.map((node) => (
          <li key={node.id} className={node.status} aria-current={node.status === "active" ? "step" : undefined}>
            <span className="progress-mark">{node.status === "done" && <Icon name="check" />}</span>
            <span>
              {node.label} <span className="hidden">({WORDS[node.status]})</span>
              <span className="under">{node.role}</span>
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
