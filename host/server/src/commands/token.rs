//! `wharf token`: tokens of a state folder, made on its own machine.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use admin::Tokens;
use serde_json::json;

use crate::cli::{Token, TokenCreate};
use crate::describe;
use crate::report::{Refusal, document, say};

/// Makes, lists or revokes.
///
/// # Errors
/// Why it was not done.
pub fn run(command: &Token) -> Result<(), Refusal> {
    match command {
        Token::Create(options) => create(options),
        Token::Ls(options) => list(&Tokens::of(&options.state_dir), options.json),
        Token::Revoke(options) => {
            Tokens::of(&options.state_dir).revoke(&options.name)?;
            if options.json {
                return document(&json!({ "revoked": options.name }));
            }
            say(&format!("token {} is of no use any more", options.name));
            Ok(())
        }
    }
}

fn create(options: &TokenCreate) -> Result<(), Refusal> {
    let TokenCreate { name, scope, expires, state_dir, json } = options;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let us = |time: std::time::Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    let token = admin::Token {
        name: name.clone(),
        scopes: scope.iter().cloned().collect(),
        created_at_us: us(now),
        expires_at_us: us(now.saturating_add(*expires)),
    };
    let secret = Tokens::of(state_dir).create(token.clone())?;
    if *json {
        let mut shown = serde_json::to_value(&token).map_err(anyhow::Error::from)?;
        if let Some(members) = shown.as_object_mut() {
            members.insert("token".to_owned(), secret.into());
        }
        return document(&shown);
    }
    say(&secret);
    say(&format!(
        "\nThis is shown once. It is good for {} until {}.",
        scopes(&token),
        describe::time(token.expires_at_us)
    ));
    warn_without_state(state_dir);
    Ok(())
}

/// A folder that no host uses is probably the wrong one.
fn warn_without_state(state: &Path) {
    if !state.join("journal").exists() && !state.join(admin::SOCKET).exists() {
        say(&format!("No host keeps its state in {} yet; is it the right `--state-dir`?", state.display()));
    }
}

fn list(tokens: &Tokens, json: bool) -> Result<(), Refusal> {
    let tokens = tokens.list()?;
    if json {
        return document(&tokens);
    }
    if tokens.is_empty() {
        say("there are no tokens");
    }
    for token in tokens {
        let until = describe::time(token.expires_at_us);
        say(&format!("{:<20} {:<30} until {until}", token.name, scopes(&token)));
    }
    Ok(())
}

fn scopes(token: &admin::Token) -> String {
    token.scopes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
