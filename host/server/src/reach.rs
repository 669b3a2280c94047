//! From what the command line says to a client of the host.

use std::path::Path;

use admin::Client;
use anyhow::Context;

use crate::cli::Place;
use crate::environment::{Environment, REMOTE, TOKEN};
use crate::report::{Finding, Refusal};

/// Where a host keeps its state unless told otherwise.
const STATE_DIR: &str = ".wharf";

/// The client for that place.
///
/// # Errors
/// [`Refusal::Invalid`] where an address, a token or a certificate is missing or none.
pub fn client(place: &Place, environment: &Environment) -> Result<Client, Refusal> {
    if let Some(socket) = &place.socket {
        return Ok(Client::socket(socket));
    }
    if let Some(state) = &place.state_dir {
        return Ok(Client::socket(&state.join(admin::SOCKET)));
    }
    let Some(url) = place.remote.as_ref().or(environment.remote.as_ref()) else {
        return Ok(Client::socket(&Path::new(STATE_DIR).join(admin::SOCKET)));
    };
    let token = match (&place.token_file, &environment.token) {
        (Some(file), _) => {
            std::fs::read_to_string(file).with_context(|| format!("cannot read the token in {}", file.display()))?
        }
        (None, Some(token)) => token.clone(),
        (None, None) => {
            let finding = Finding::new(
                format!("a host at {url} wants a token"),
                format!("give `--token-file <file>`, or set {TOKEN}; `wharf token create` on its machine makes one"),
            );
            return Err(Refusal::invalid(finding));
        }
    };
    Ok(Client::remote(url, &token, place.ca_file.as_deref())?)
}

/// Runs an operator's command to its end.
///
/// # Errors
/// What the command says, and where it cannot begin.
pub fn run<T>(place: &Place, command: impl AsyncFnOnce(Client) -> Result<T, Refusal>) -> Result<T, Refusal> {
    let client = client(place, &Environment::read())?;
    let threads = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start")?;
    threads.block_on(command(client))
}

/// What to do about a host that does not answer.
pub(crate) fn hint() -> String {
    format!("is it running? Name its folder with `--state-dir`, its socket with `--socket`, or {REMOTE}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(place: &Place, environment: &[(&str, &str)]) -> String {
        let value = |name| environment.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        let environment = Environment { remote: value(REMOTE), token: value(TOKEN) };
        match client(place, &environment) {
            Ok(client) => format!("{client:?}"),
            Err(refusal) => format!("{} {refusal:?}", refusal.exit_code()),
        }
    }

    #[test]
    fn options_go_before_the_environment_and_that_before_the_default() {
        let remote = &[(REMOTE, "https://there.example"), (TOKEN, "wharf_secret")][..];
        let socket = Place { socket: Some("/run/w.sock".into()), ..Place::default() };
        let state = Place { state_dir: Some("/var/lib/wharf".into()), ..Place::default() };
        let other = Place { remote: Some("https://here.example:8443".into()), ..Place::default() };
        assert!(of(&socket, remote).contains("/run/w.sock"));
        assert!(of(&state, remote).contains("/var/lib/wharf/admin.sock"));
        assert!(of(&other, remote).contains("https://here.example:8443"));
        assert!(of(&Place::default(), remote).contains("https://there.example"));
        assert!(of(&Place::default(), &[]).contains(".wharf/admin.sock"));
    }

    #[test]
    fn a_place_elsewhere_needs_https_and_a_token_which_is_never_shown() {
        let elsewhere = |url: &str| Place { remote: Some(url.to_owned()), ..Place::default() };
        assert!(of(&elsewhere("https://there.example"), &[]).starts_with("64"));
        for url in ["http://there.example", "there.example", "https://", "https://a@b", "https://a/b", "https://a b"] {
            assert!(of(&elsewhere(url), &[(TOKEN, "x")]).starts_with("64"), "{url}");
        }
        assert!(!of(&elsewhere("https://there.example"), &[(TOKEN, "wharf_secret")]).contains("secret"));
    }
}
