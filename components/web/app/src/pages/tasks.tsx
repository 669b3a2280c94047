// Every task there is, for those who administer them.
import * as workflows from "../api/workflows";
import { PageHead } from "../parts/page";
import { TaskPages } from "./task_table";

const TABS = [
  { key: "active", label: "Active" },
  { key: "inactive", label: "Inactive" },
  { key: "all", label: "All" },
];

export function Tasks() {
  return (
    <>
      <PageHead title="All tasks" />
      <TaskPages tabs={TABS} name="all" load={workflows.all} showsAssignee empty="No such task." />
    </>
  );
}
