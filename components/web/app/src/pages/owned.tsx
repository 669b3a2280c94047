// Tasks that one owns as a coordinator: others work on them, one sees to it that it happens.
import * as workflows from "../api/workflows";
import { PageHead } from "../parts/page";
import { TaskPages } from "./task_table";

const TABS = [
  { key: "active", label: "Active" },
  { key: "inactive", label: "Inactive" },
];

export function Owned() {
  return (
    <>
      <PageHead title="Owned tasks" intro="You follow these; others work on them." />
      <TaskPages tabs={TABS} name="owned" load={workflows.owned} showsAssignee empty="You own no such task." />
    </>
  );
}
