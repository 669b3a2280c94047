//! What the edge serves: the router, told who asks; and what the host itself adds to an answer.

use std::sync::Arc;

use body::{BoxError, ClientKey, OperatorClaim, Release, Request, Response, RouteMatch, Service};
use http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use http::{Method, StatusCode, Uri};
use live::LiveProvider;
use router::{Generation, Router};
use tower::Service as _;
use tower::util::BoxCloneSyncService;

use crate::door;
use crate::generation::Crew;
use crate::operator_token::{OperatorToken, RELEASE};
use crate::platform::Platform;

/// The cookie that a browser is known by while two releases serve. Random; says nothing about anybody.
const CLIENT: &str = "wharf-client";
/// Random bytes in it.
const CLIENT_BYTES: usize = 16;
/// Longest value that is taken for a key: ours is 32 characters.
const CLIENT_LENGTH_MAX: usize = 64;
/// Seconds that a browser keeps it: longer than any rollout.
const CLIENT_AGE_S: u32 = 30 * 24 * 3600;

/// The service behind the edge.
#[derive(Clone)]
pub struct Front {
    router: Router,
    live: LiveProvider,
    platform: Arc<Platform>,
    token: Arc<OperatorToken>,
}

/// What is known of a request before it is routed.
struct Asked {
    resume: Option<HeaderValue>,
    /// The caller has proved to be the operator.
    operator: bool,
    /// A browser that opens a page and has no cookie yet gets this one.
    cookie: Option<HeaderValue>,
    /// Where a file of an earlier release may be meant. A URI's parts are shared, not copied.
    file: Option<Uri>,
}

impl Front {
    /// Of everything that serves.
    pub fn new(router: Router, live: LiveProvider, platform: Arc<Platform>, token: Arc<OperatorToken>) -> Self {
        Self { router, live, platform, token }
    }

    /// As a link of the data plane.
    pub fn service(self) -> Service {
        BoxCloneSyncService::new(tower::service_fn(move |request: Request| {
            let front = self.clone();
            async move { front.answer(request).await }
        }))
    }

    async fn answer(mut self, mut request: Request) -> Result<Response, BoxError> {
        let asked = self.look(&mut request);
        // Settled here, so that the answer is understood by the manifest of the generation that gave it.
        let generation = self.router.pick(&request)?;
        request.extensions_mut().insert(generation.hold());
        if asked.operator && request.uri().path() == door::PATH {
            return Ok(named(Response::new(body::empty()), generation.release()));
        }
        let mut response = self.router.call(request).await?;
        if response.status() == StatusCode::NOT_FOUND
            && let Some(uri) = &asked.file
            && let Some(file) = self.platform.assets.find(uri.path()).await
        {
            response = file;
        }
        if let Some(cookie) = asked.cookie {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        if asked.operator {
            response = named(response, generation.release());
        }
        // A plain answer, which is nearly every one, goes through untouched.
        if !response.headers().contains_key(live::CHANNELS) {
            return Ok(response);
        }
        self.open_stream(&generation, asked.resume.as_ref(), response)
    }

    fn look(&self, request: &mut Request) -> Asked {
        let claim = request.extensions_mut().remove::<OperatorClaim>();
        let claim = claim.filter(|claim| self.token.proves(claim));
        if let Some(wanted) = claim.as_ref().and_then(|claim| claim.release.as_ref()) {
            let release = wanted.to_str().ok().and_then(|text| text.parse::<rollout::ReleaseId>().ok());
            // A name that is none is a release that nobody has.
            request.extensions_mut().insert(Release(release.map_or(0, |release| release.0)));
        }
        let (key, cookie) = client(request);
        if let Some(key) = key {
            request.extensions_mut().insert(key);
        }
        let file = matches!(*request.method(), Method::GET | Method::HEAD);
        Asked {
            resume: request.headers().get(live::LAST_EVENT_ID).cloned(),
            operator: claim.is_some(),
            cookie,
            file: file.then(|| request.uri().clone()),
        }
    }

    fn open_stream(
        &self,
        generation: &Generation,
        resume: Option<&HeaderValue>,
        response: Response,
    ) -> Result<Response, BoxError> {
        let route = response.extensions().get::<RouteMatch>().cloned();
        let component = Crew::of(generation).zip(route);
        let component = component.as_ref().and_then(|(crew, route)| crew.app.components.get(&*route.component));
        let component = component.ok_or("no component opened the stream")?;
        Ok(self.live.intercept(component, resume, response)?)
    }
}

/// What the caller is known by: its cookie; or, for a browser that opens a page without one, a key of its own, which it
/// keeps from now on. Whoever has no cookie and opens no page is known by its address.
fn client(request: &Request) -> (Option<ClientKey>, Option<HeaderValue>) {
    let known = cookie(request.headers());
    if let Some(known) = known {
        return (Some(ClientKey(Arc::from(known.as_bytes()))), None);
    }
    let opens_a_page = request.headers().get("sec-fetch-mode").is_some_and(|mode| mode == "navigate");
    let mut bytes = [0; CLIENT_BYTES];
    if !opens_a_page || getrandom::fill(&mut bytes).is_err() {
        return (None, None);
    }
    let value = format!("{:032x}", u128::from_be_bytes(bytes));
    let text = format!("{CLIENT}={value}; Path=/; Max-Age={CLIENT_AGE_S}; HttpOnly; SameSite=Lax");
    (Some(ClientKey(Arc::from(value.as_bytes()))), HeaderValue::try_from(text).ok())
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let pairs = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(';'));
    let mut values = pairs.filter_map(|pair| pair.trim().strip_prefix(CLIENT)?.strip_prefix('='));
    values.find(|value| !value.is_empty() && value.len() <= CLIENT_LENGTH_MAX)
}

fn named(mut response: Response, release: Release) -> Response {
    if let Ok(name) = HeaderValue::try_from(format!("r{}", release.0)) {
        response.headers_mut().insert(RELEASE, name);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&'static str, &'static str)]) -> Request {
        let mut request = Request::new(body::empty());
        for (name, value) in headers {
            request.headers_mut().append(*name, HeaderValue::from_static(value));
        }
        request
    }

    #[test]
    fn a_browser_that_opens_a_page_is_given_a_key_and_keeps_it() {
        let (key, cookie) = client(&request(&[("sec-fetch-mode", "navigate")]));
        let (key, cookie) = (key.unwrap(), cookie.unwrap());
        let pair = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        let mut again = request(&[]);
        again.headers_mut().insert(COOKIE, HeaderValue::try_from(format!("a=b; {pair}")).unwrap());
        assert_eq!(client(&again), (Some(key), None));
    }

    #[test]
    fn others_are_known_by_their_address() {
        for headers in [&[][..], &[("cookie", "wharf-client=")], &[("cookie", "xwharf-client=1; wharf-clients=2")]] {
            assert_eq!(client(&request(headers)), (None, None));
        }
        let long = "x".repeat(CLIENT_LENGTH_MAX + 1);
        let mut with_long = request(&[]);
        with_long.headers_mut().insert(COOKIE, HeaderValue::try_from(format!("wharf-client={long}")).unwrap());
        assert_eq!(client(&with_long), (None, None));
    }
}
