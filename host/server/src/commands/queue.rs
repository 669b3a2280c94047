//! `wharf queue`: what waits between components, what was given up, and what is done about it.

use admin::{Client, Which};
use control::Kind;

use crate::cli::{Letters, Plain, Queue, QueueDiscard, QueuePeek, QueuePlain, QueueRedrive};
use crate::report::{Refusal, document, say};
use crate::{describe, queues, reach};

/// Asks, or does it.
///
/// # Errors
/// Why it was not done.
pub fn run(command: &Queue) -> Result<(), Refusal> {
    match command {
        Queue::Ls(options) => ls(options),
        Queue::Peek(options) => peek(options),
        Queue::Redrive(options) => redrive(options),
        Queue::Discard(options) => discard(options),
        Queue::Pause(options) => set_paused(options, true),
        Queue::Resume(options) => set_paused(options, false),
    }
}

fn ls(options: &Plain) -> Result<(), Refusal> {
    reach::run(&options.place, async |client| {
        let queues = client.queues().await?;
        if options.json {
            return document(&queues);
        }
        say(&describe::queues(&queues));
        Ok(())
    })
}

fn peek(options: &QueuePeek) -> Result<(), Refusal> {
    let QueuePeek { queue, limit, body, json, place } = options;
    reach::run(place, async |client| {
        let letters = client.dead_letters(queue, *limit, *body).await?;
        if *json {
            return document(&letters);
        }
        say(&describe::dead_letters(queue, &letters));
        Ok(())
    })
}

fn redrive(options: &QueueRedrive) -> Result<(), Refusal> {
    let QueueRedrive { queue, letters, json, place } = options;
    reach::run(place, async |client| {
        let changed = client.redrive(queue, &which(letters)).await?;
        if *json {
            return document(&changed);
        }
        say(&describe::redriven(&changed));
        Ok(())
    })
}

fn discard(options: &QueueDiscard) -> Result<(), Refusal> {
    let QueueDiscard { queue, letters, yes, json, place } = options;
    reach::run(place, async |client| {
        if letters.all && !yes {
            return Err(unsure(&client, queue).await?.into());
        }
        let changed = client.discard(queue, &which(letters)).await?;
        if *json {
            return document(&changed);
        }
        say(&describe::discarded(&changed));
        Ok(())
    })
}

/// What is said before everything is forgotten.
async fn unsure(client: &Client, queue: &str) -> Result<control::Refusal, Refusal> {
    let views = client.queues().await?;
    let Some(view) = views.iter().find(|view| view.queue == queue) else {
        return Ok(queues::unknown(queue, views.into_iter().map(|view| view.queue).collect()));
    };
    let message = format!(
        "{} of `{queue}` would be gone for good; `wharf queue peek {queue}` shows them; add --yes if that is wanted",
        describe::number(view.dead, "dead letter")
    );
    Ok(control::Refusal::new(Kind::Conflict, message))
}

fn set_paused(options: &QueuePlain, paused: bool) -> Result<(), Refusal> {
    reach::run(&options.place, async |client| {
        let state = client.set_paused(&options.queue, paused).await?;
        if options.json {
            return document(&state);
        }
        say(&describe::paused(&state));
        Ok(())
    })
}

fn which(letters: &Letters) -> Which {
    if letters.all { Which::All } else { Which::Ids(letters.ids.clone()) }
}
