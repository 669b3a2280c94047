// One's own work: what is open, and what one has done.
import * as workflows from "../api/workflows";
import { PageHead } from "../parts/page";
import { TaskPages } from "./task_table";

const TABS = [
  { key: "open", label: "Open" },
  { key: "acted", label: "Acted" },
];

export function Work() {
  return (
    <>
      <PageHead title="My work" intro="Steps that were assigned to you." />
      <TaskPages
        tabs={TABS}
        name="mine"
        load={workflows.mine}
        hasPriorities
        showsAssignee={false}
        empty="Nothing here."
      />
    </>
  );
}
