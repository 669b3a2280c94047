//! The table of routes: built once, then only read.
//!
//! A tree with one level per path segment. At each node the exact child is tried before the capture and the capture
//! before the wildcard, which is Spin's precedence: patterns are compared segment by segment and the first difference
//! decides. A node is visited at most once per look-up, so a look-up costs at most the size of the tree, whatever the
//! path.

use std::collections::HashMap;
use std::sync::Arc;

use body::Service;
use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use manifest::{StaticResponse, Target, Trigger};

use crate::headers::RouteHeaders;
use crate::{Error, Pattern, Segment};

/// Public routes, and every component that has a trigger. Immutable: a change is a new table.
#[derive(Debug, Default)]
pub struct Table {
    root: Node,
    components: HashMap<String, Arc<Route>>,
}

/// A route together with what the path says beyond it.
#[derive(Debug)]
pub struct Found<'path> {
    pub(crate) route: Arc<Route>,
    /// What the trailing wildcard matched: empty, or beginning with `/`.
    pub(crate) path_info: &'path str,
    /// As many as the route has names.
    pub(crate) captures: Vec<&'path str>,
}

impl Found<'_> {
    /// The pattern as written.
    pub fn pattern(&self) -> &str {
        &self.route.pattern
    }

    /// The component that answers; empty for a fixed answer.
    pub fn component(&self) -> &str {
        &self.route.component
    }

    /// What the trailing wildcard matched: empty, or beginning with `/`.
    pub fn path_info(&self) -> &str {
        self.path_info
    }

    /// Captures in the order of the pattern, still percent-encoded.
    pub fn captures(&self) -> impl Iterator<Item = (&str, &str)> {
        self.route.captures.iter().zip(&self.captures).map(|(capture, value)| (capture.name.as_str(), *value))
    }
}

/// A public route, or the private `/...` of a component.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) pattern: Arc<str>,
    pub(crate) component: Arc<str>,
    pub(crate) captures: Vec<Capture>,
    pub(crate) headers: RouteHeaders,
    pub(crate) answer: Answer,
}

/// The name of a `:name` and the header that carries its value.
#[derive(Debug)]
pub(crate) struct Capture {
    pub(crate) name: String,
    pub(crate) header: HeaderName,
}

/// What answers on a route.
#[derive(Debug)]
pub(crate) enum Answer {
    Component(Service),
    Static { status: http::StatusCode, headers: HeaderMap, body: Bytes },
}

#[derive(Debug, Default)]
struct Node {
    exact: HashMap<String, Node>,
    param: Option<Box<Node>>,
    here: Option<Arc<Route>>,
    wildcard: Option<Arc<Route>>,
}

/// The pattern of calls that name the component rather than a path.
const PRIVATE_PATTERN: &str = "/...";

impl Table {
    /// Builds the table of an application's triggers.
    ///
    /// `handlers` has one service per component id; one that no trigger names is dropped. Routes below
    /// `/.well-known/spin/` are accepted and never match, as in stock Spin.
    ///
    /// # Errors
    /// [`Error::Pattern`], [`Error::Conflict`] for two routes that match the same paths, [`Error::NoHandler`] and
    /// [`Error::StaticResponse`].
    pub fn build(triggers: &[Trigger], mut handlers: HashMap<String, Service>) -> Result<Self, Error> {
        let mut table = Self::default();
        for trigger in triggers {
            if let Target::Component(id) = &trigger.target
                && !table.components.contains_key(id)
            {
                let handler = handlers.remove(id).ok_or_else(|| Error::NoHandler { component: id.clone() })?;
                let route = Route::new(PRIVATE_PATTERN, id, Answer::Component(handler))?;
                table.components.insert(id.clone(), Arc::new(route));
            }
            if let manifest::Route::Public(pattern) = &trigger.route {
                let route = table.route(pattern, &trigger.target)?;
                table.root.insert(&Pattern::parse(pattern)?, Arc::new(route))?;
            }
        }
        Ok(table)
    }

    /// Finds the route of a path, which is taken as it came: percent-encoded, with any slashes around it.
    pub fn find<'path>(&self, path: &'path str) -> Option<Found<'path>> {
        let end = path.trim_end_matches('/').len();
        let inner = path.get(..end)?.trim_start_matches('/');
        let mut captures = Vec::new();
        let segments = (!inner.is_empty()).then_some(inner);
        let (route, rest) = self.root.find(segments, 0, &mut captures)?;
        // The rest begins at the slash after the last segment matched; with none matched it is the whole path.
        let start = match rest {
            Rest::None => path.len(),
            Rest::Whole => 0,
            Rest::Trailing { bytes } => end.checked_sub(bytes)?,
        };
        Some(Found { route, path_info: path.get(start..)?, captures })
    }

    /// The ids of all components with a trigger, in no order.
    pub fn components(&self) -> impl Iterator<Item = &str> {
        self.components.keys().map(String::as_str)
    }

    pub(crate) fn component(&self, id: &str) -> Option<&Arc<Route>> {
        self.components.get(id)
    }

    fn route(&self, pattern: &str, target: &Target) -> Result<Route, Error> {
        match target {
            Target::Component(id) => match self.component(id).map(|route| &route.answer) {
                Some(Answer::Component(handler)) => Route::new(pattern, id, Answer::Component(handler.clone())),
                _ => Err(Error::NoHandler { component: id.clone() }),
            },
            Target::Static(answer) => Route::new(pattern, "", fixed(pattern, answer)?),
        }
    }
}

impl Route {
    fn new(pattern: &str, component: &str, answer: Answer) -> Result<Self, Error> {
        let parsed = Pattern::parse(pattern)?;
        let refuse = |reason| Error::Pattern { pattern: pattern.to_owned(), reason };
        let names = parsed.segments.iter().filter_map(|segment| match segment {
            Segment::Param(name) => Some(name),
            Segment::Literal(_) => None,
        });
        let captures = names.map(|name| Capture::new(name).ok_or_else(|| refuse("a capture is not a header name")));
        Ok(Self {
            captures: captures.collect::<Result<_, _>>()?,
            headers: RouteHeaders::new(pattern).ok_or_else(|| refuse("not a header value"))?,
            pattern: pattern.into(),
            component: component.into(),
            answer,
        })
    }
}

impl Capture {
    fn new(name: &str) -> Option<Self> {
        let header = format!("spin-path-match-{}", crate::pattern::header_suffix(name));
        Some(Self { name: name.to_owned(), header: HeaderName::try_from(header).ok()? })
    }
}

/// What a match leaves of the path.
enum Rest {
    None,
    Whole,
    /// This many bytes before the trailing slashes, and those.
    Trailing {
        bytes: usize,
    },
}

impl Node {
    fn insert(&mut self, pattern: &Pattern, route: Arc<Route>) -> Result<(), Error> {
        let mut node = self;
        for segment in &pattern.segments {
            node = match segment {
                Segment::Literal(text) => node.exact.entry(text.clone()).or_default(),
                Segment::Param(_) => node.param.get_or_insert_default(),
            };
        }
        let place = if pattern.wildcard { &mut node.wildcard } else { &mut node.here };
        if let Some(first) = place {
            return Err(Error::Conflict { first: first.pattern.to_string(), second: route.pattern.to_string() });
        }
        *place = Some(route);
        Ok(())
    }

    /// `rest` begins at a segment; `None` when no segment is left.
    fn find<'path>(
        &self,
        rest: Option<&'path str>,
        depth: usize,
        captures: &mut Vec<&'path str>,
    ) -> Option<(Arc<Route>, Rest)> {
        let wildcard = || {
            let bytes = rest.map_or(0, |rest| rest.len() + 1);
            let rest = if depth == 0 { Rest::Whole } else { Rest::Trailing { bytes } };
            self.wildcard.clone().map(|route| (route, rest))
        };
        let Some(segments) = rest else {
            return self.here.clone().map(|route| (route, Rest::None)).or_else(wildcard);
        };
        let (segment, next) = match segments.split_once('/') {
            Some((segment, next)) => (segment, Some(next)),
            None => (segments, None),
        };
        if let Some(node) = self.exact.get(segment)
            && let Some(found) = node.find(next, depth + 1, captures)
        {
            return Some(found);
        }
        if let Some(node) = &self.param
            && !segment.is_empty()
        {
            captures.push(segment);
            if let Some(found) = node.find(next, depth + 1, captures) {
                return Some(found);
            }
            captures.pop();
        }
        wildcard()
    }
}

fn fixed(pattern: &str, answer: &StaticResponse) -> Result<Answer, Error> {
    let refuse = |reason| Error::StaticResponse { pattern: pattern.to_owned(), reason };
    let mut headers = HeaderMap::with_capacity(answer.headers.len());
    for (name, value) in &answer.headers {
        let name = HeaderName::try_from(name).map_err(|_| refuse("a header's name is not valid"))?;
        let value = HeaderValue::try_from(value).map_err(|_| refuse("a header's value is not valid"))?;
        headers.append(name, value);
    }
    let status = http::StatusCode::from_u16(answer.status)
        .ok()
        // An informational status does not end an exchange.
        .filter(|status| !status.is_informational())
        .ok_or_else(|| refuse("the status is not one of 200 to 999"))?;
    Ok(Answer::Static { status, headers, body: Bytes::from(answer.body.clone()) })
}

#[cfg(test)]
mod tests;
