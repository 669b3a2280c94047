//! A message on its way into a component: one more request, with the same limits, faults and logs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use body::{BoxError, Deadline, Errand, Release, Request, RequestId};
use http::header::RETRY_AFTER;
use http_body::Frame;
use http_body_util::BodyExt;
use manifest::Component;
use queue::{Deliver, Delivery, Outcome};
use router::Router;
use runtime::Fault;

use crate::clock::WallClock;
use crate::generation::Crew;
use crate::tally::{Attempt, Tally};

/// Bytes of an answer that a dead letter keeps as its reason.
const EXCERPT_MAX: usize = 1 << 10;

/// How long a message waits that found no place: about as long as it has already waited for one.
const BUSY_RETRY: Duration = Duration::from_secs(1);

/// How the queue hands messages to components. What becomes of them is counted in `tally`.
pub fn deliver(router: Router, clock: WallClock, tally: Arc<Tally>) -> Deliver {
    Arc::new(move |delivery| {
        let (router, clock) = (router.clone(), clock.clone());
        let counted = tally.begin(&delivery.queue);
        Box::pin(attempt(router, clock, delivery, counted))
    })
}

async fn attempt(router: Router, clock: WallClock, delivery: Delivery, mut counted: Attempt) -> Outcome {
    let (parts, bytes) = delivery.request().into_parts();
    let mut request = http::Request::from_parts(parts, body::full(bytes));
    let extensions = request.extensions_mut();
    extensions.insert(Errand::Message);
    extensions.insert(Deadline(Instant::now() + delivery.deadline));
    extensions.insert(RequestId(delivery.message.id.as_str().into()));
    if let Some(release) = delivery.message.release {
        extensions.insert(Release(release));
    }
    let component = address(&router, &delivery, &mut request);
    if let Some(generation) = request.extensions().get::<body::Generation>() {
        counted.given_to(generation.release);
    }
    match router.call_component(&component, request).await {
        Ok(response) => {
            let status = response.status();
            let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
            let retry_after = retry_after.and_then(|value| queue::retry_after(value, clock.now_us()));
            let excerpt = excerpt(response.into_body()).await;
            if status.is_success() {
                counted.handled();
            }
            Outcome::from_response(status, retry_after, excerpt)
        }
        // The component is busy or the host is full: not this message's fault, and no attempt of it.
        Err(error)
            if matches!(
                error.downcast_ref(),
                Some(Fault::Busy { .. } | Fault::NoInstance { .. } | Fault::Retired { .. })
            ) =>
        {
            counted.returned();
            Outcome::returned(BUSY_RETRY)
        }
        Err(error) => Outcome::fault(reason(&error)),
    }
}

/// Settles which generation handles the message, and where in it: the two that serve may have the queue at different
/// components or paths. One that does not know it leaves it to the other.
fn address(router: &Router, delivery: &Delivery, request: &mut Request) -> String {
    let routing = router.routing();
    let picked = router.pick(request).ok();
    let others = [routing.candidate(), Some(routing.live())].into_iter().flatten();
    for generation in picked.iter().chain(others) {
        let Some(crew) = Crew::of(generation) else { continue };
        for component in crew.app.components.values() {
            if let Some(path) = path(component, delivery) {
                if let Ok(uri) = path.parse() {
                    *request.uri_mut() = uri;
                }
                request.extensions_mut().insert(generation.hold());
                return component.id.clone();
            }
        }
    }
    delivery.component.clone()
}

/// Where a component takes what comes from this queue or schedule.
fn path<'a>(component: &'a Component, delivery: &Delivery) -> Option<&'a str> {
    if let Some(name) = delivery.cron() {
        let own = component.id == delivery.component;
        return component.grants.cron.iter().find(|cron| own && cron.name == name).map(|cron| cron.path.as_str());
    }
    let consumer = component.grants.consume.iter().find(|consumer| consumer.queue == delivery.queue);
    consumer.map(|consumer| consumer.path.as_str())
}

/// What the answer says, as far as a person needs it. Reading it to the end lets the instance finish in order.
async fn excerpt(mut body: body::Body) -> String {
    let mut text = Vec::new();
    while let Some(frame) = body.frame().await {
        match frame.map(Frame::into_data) {
            Ok(Ok(data)) => text.extend(data.iter().take(EXCERPT_MAX.saturating_sub(text.len()))),
            Ok(Err(_trailers)) => {}
            Err(error) => return format!("(the answer broke off: {error})"),
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

fn reason(error: &BoxError) -> String {
    crate::rescue::chain(error.as_ref())
}
