//! What two releases are compared by: read from the manifest here, from wasm by the caller.

use std::collections::{BTreeMap, BTreeSet};

use manifest::{App, Component, Route, Target};

use crate::{Digest, MigrationRef};

/// What an application asks for and offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// By id.
    pub components: BTreeMap<String, ComponentFacts>,
    /// Public routes, `<pattern> -> <component>` or `<pattern> -> static`.
    pub routes: BTreeSet<String>,
    /// Application variables.
    pub variables: BTreeSet<String>,
}

/// What a component asks for and offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ComponentFacts {
    /// Of its wasm file.
    pub digest: Option<Digest>,
    /// As the wasm file names them, `wharf:mail/send@1.0.0`.
    pub imports: BTreeSet<String>,
    /// As the wasm file names them. What is offered by shape too is named with its shape by the caller.
    pub exports: BTreeSet<String>,
    /// Exports of other components that it uses: component, export.
    pub uses: BTreeSet<(String, String)>,
    /// What its manifest grants, `sql:tickets`, `mail`, `send:ticket.*`.
    pub grants: BTreeSet<String>,
    /// `allowed_outbound_hosts`.
    pub outbound: BTreeSet<String>,
    /// Queues, schedules and private routes.
    pub consumers: BTreeSet<String>,
    /// `<name>=<template>`, and `env <name>`.
    pub variables: BTreeSet<String>,
    /// In the order in which they run.
    pub migrations: Vec<MigrationRef>,
}

impl Facts {
    /// What the manifest says; digest, imports, exports, uses and migrations stay empty.
    pub fn of(app: &App) -> Self {
        let components = app.components.iter().map(|(id, component)| (id.clone(), ComponentFacts::of(component)));
        let mut facts = Self {
            components: components.collect(),
            routes: BTreeSet::new(),
            variables: app.variables.keys().cloned().collect(),
        };
        for trigger in &app.triggers {
            let target = match &trigger.target {
                Target::Component(id) => id.as_str(),
                Target::Static(_) => "static",
            };
            match &trigger.route {
                Route::Public(pattern) => {
                    facts.routes.insert(format!("{pattern} -> {target}"));
                }
                Route::Private => {
                    if let Some(component) = facts.components.get_mut(target) {
                        component.consumers.insert("private route".to_owned());
                    }
                }
            }
        }
        facts
    }
}

impl ComponentFacts {
    /// What the manifest says of one component.
    fn of(component: &Component) -> Self {
        let granted = &component.grants;
        let mut grants = BTreeSet::new();
        grants.extend(granted.sql.as_ref().map(|sql| format!("sql:{}", sql.database)));
        grants.extend(granted.send.iter().map(|topic| format!("send:{}", topic.0)));
        grants.extend(
            granted.consume.iter().flat_map(|consumer| &consumer.topics).map(|topic| format!("consume:{}", topic.0)),
        );
        grants.extend(granted.blob.map(|_| "blob".to_owned()));
        grants.extend(granted.mail.then(|| "mail".to_owned()));
        grants.extend(granted.password.then(|| "password".to_owned()));
        grants.extend(granted.events.iter().map(|channel| format!("events:{channel}")));
        let queues = granted.consume.iter().map(|consumer| format!("queue {} at {}", consumer.queue, consumer.path));
        let cron = granted
            .cron
            .iter()
            .map(|cron| format!("cron {} `{}` {} at {}", cron.name, cron.schedule, cron.time_zone, cron.path));
        let variables = component.variables.iter().map(|(name, template)| format!("{name}={template}"));
        // Values may be secret by mistake: a changed one is not worth showing it.
        let environment = component.environment.keys().map(|name| format!("env {name}"));
        Self {
            grants,
            outbound: granted.outbound.iter().map(|host| host.0.clone()).collect(),
            consumers: queues.chain(cron).collect(),
            variables: variables.chain(environment).collect(),
            ..Self::default()
        }
    }
}
