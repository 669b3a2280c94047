//! The workflow service: how work goes from step to step, and what people do with the tasks that came of it.
//!
//! It owns the designer, the boards, the actions on tasks, reports and the audit log, and the migrations of the database
//! `workflow`. The rules of tasks, and their SQL, are in the crate `tasks`, shared with `workflow-worker`, which takes
//! tickets in and watches the clock. `domain` is pure, `store` speaks SQL, `http` routes and authorises.

mod bindings;
mod domain;
mod http;
mod store;
