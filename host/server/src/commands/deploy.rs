//! `wharf deploy`: check, send, begin, and follow until it serves.

use admin::Client;
use control::{Kind, Order, Outcome};
use rollout::ReleaseId;
use serde_json::json;

use super::follow::{self, End};
use crate::cli::Deploy;
use crate::parcel::Parcel;
use crate::report::{Progress, Refusal, document, say};
use crate::{describe, reach};

/// Deploys what the command line names.
///
/// # Errors
/// Why nothing was begun, or how it ended.
pub fn run(options: &Deploy) -> Result<(), Refusal> {
    let parcel = Parcel::read(&options.what)?;
    expected(options, &parcel)?;
    reach::run(&options.place, async |client| deploy(&client, options, parcel).await)
}

fn expected(options: &Deploy, parcel: &Parcel) -> Result<(), control::Refusal> {
    let (Some(expected), Some(id)) = (options.expect, &options.what.component) else { return Ok(()) };
    let found = parcel.change.wasm.get(id).copied();
    if found == Some(expected) {
        return Ok(());
    }
    let found = found.map_or_else(|| "nothing".to_owned(), |digest| digest.to_string());
    let message = format!("the wasm of `{id}` has digest {found}, not {expected}; build or fetch it again");
    Err(control::Refusal::new(Kind::Invalid, message))
}

async fn deploy(client: &Client, options: &Deploy, parcel: Parcel) -> Result<(), Refusal> {
    let mut progress = Progress::new(options.json);
    let order = Order {
        change: parcel.change.clone(),
        strategy: options.strategy.clone(),
        approve: options.approve.iter().cloned().collect(),
        note: options.note.clone().unwrap_or_default(),
    };
    let begun = async {
        send(client, parcel, &mut progress).await?;
        progress.show("the host compiles and verifies", "verify");
        Ok::<_, Refusal>(client.deploy(&order).await?)
    };
    let release = begun.await.inspect_err(|_| progress.end())?;
    if options.no_wait {
        progress.end();
        return told(
            options.json,
            release,
            "started",
            &format!("{release} is on its way; `wharf status --watch` follows it"),
        );
    }
    let end = follow::until_over(client, release, &mut progress).await;
    progress.end();
    over(end?, release, options.json)
}

/// Uploads what the host has not.
pub(super) async fn send(client: &Client, parcel: Parcel, progress: &mut Progress) -> Result<(), Refusal> {
    let count = parcel.objects.len();
    for (number, (digest, object)) in parcel.objects.into_iter().enumerate() {
        if client.has(digest).await? {
            continue;
        }
        let line = format!("sending {} ({} of {count})", object.name, number.saturating_add(1));
        progress.show(&line, &line);
        client.keep(digest, object.bytes).await?;
    }
    Ok(())
}

fn over(end: End, release: ReleaseId, json: bool) -> Result<(), Refusal> {
    let bad = |outcome: &str, why: &str, sentence: String| {
        Err(Refusal::Ended(sentence, json!({ "release": release, "outcome": outcome, "why": why })))
    };
    match end {
        End::Seen => told(json, release, "live", &format!("{release} is live, and was seen serving")),
        End::Unseen => {
            let why = "it is live, but was not seen serving; `wharf status` says more";
            bad("unseen", why, format!("{release}: {why}"))
        }
        End::Lost => {
            let why = "another release serves in its place; `wharf status` and `wharf audit` say why";
            bad("lost", why, format!("{release}: {why}"))
        }
        End::Ended(ended) => {
            let outcome = match ended.outcome {
                Outcome::Live => "live",
                Outcome::RolledBack => "rolled-back",
                Outcome::Aborted => "aborted",
                Outcome::Failed => "failed",
                Outcome::Interrupted => "interrupted",
            };
            bad(outcome, &ended.why, describe::outcome(&ended))
        }
    }
}

fn told(json: bool, release: ReleaseId, outcome: &str, sentence: &str) -> Result<(), Refusal> {
    if json {
        return document(&json!({ "release": release, "outcome": outcome }));
    }
    say(sentence);
    Ok(())
}
