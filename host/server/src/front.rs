//! What the edge serves: the router, and the event streams that components open for their callers.

use std::collections::BTreeMap;
use std::sync::Arc;

use body::{BoxError, Request, Response, RouteMatch, Service};
use live::LiveProvider;
use manifest::Component;
use router::Router;
use tower::Service as _;
use tower::util::BoxCloneSyncService;

/// The service behind the edge.
pub fn service(router: Router, live: LiveProvider, components: Arc<BTreeMap<String, Component>>) -> Service {
    BoxCloneSyncService::new(tower::service_fn(move |request: Request| {
        let mut router = router.clone();
        let live = live.clone();
        let components = Arc::clone(&components);
        async move {
            let resume = request.headers().get(live::LAST_EVENT_ID).cloned();
            let response = router.call(request).await?;
            // A plain answer, which is nearly every one, goes through untouched.
            if !response.headers().contains_key(live::CHANNELS) {
                return Ok(response);
            }
            open_stream(&live, &components, resume.as_ref(), response)
        }
    }))
}

fn open_stream(
    live: &LiveProvider,
    components: &BTreeMap<String, Component>,
    resume: Option<&http::HeaderValue>,
    response: Response,
) -> Result<Response, BoxError> {
    let route = response.extensions().get::<RouteMatch>().cloned();
    let component =
        route.and_then(|route| components.get(&*route.component)).ok_or("no component opened the stream")?;
    Ok(live.intercept(component, resume, response)?)
}
