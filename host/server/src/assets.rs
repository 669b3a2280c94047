//! Files of earlier releases that never change under their names: a page that was opened before a deploy still finds
//! what it was made of.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use body::{Errand, Response};
use control::{Kind, Refusal};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http_body_util::BodyExt;
use rollout::{Digest, Store};
use router::{Generation, Router};

use crate::generation::Crew;
use crate::readiness;

/// Largest list of paths, in bytes.
const LIST_BYTES_MAX: usize = 256 << 10;
/// Files of one component: a large application has a few hundred.
const FILES_MAX: usize = 2_000;
/// Largest file, in bytes.
const FILE_BYTES_MAX: usize = 16 << 20;
/// They never change.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// By path, from all releases that are kept. Read only where a release itself has no such file.
#[derive(Default)]
pub struct Assets(RwLock<Arc<HashMap<String, PathBuf>>>);

impl Assets {
    /// Learns the files of every release that is kept. Reads the disk: twenty small records.
    pub fn remember(&self, store: &Store) {
        let releases = match store.releases() {
            Ok(releases) => releases,
            Err(error) => return tracing::warn!("earlier assets are not looked up anew: {error}"),
        };
        let files = releases.iter().flat_map(|release| release.components.values()).flat_map(|part| &part.assets);
        let files = files.map(|(path, digest)| (path.clone(), store.path(digest))).collect();
        // A writer replaces the whole map.
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(files);
    }

    /// Adds the files of a release that is being made ready.
    pub fn add<'a>(&self, store: &Store, files: impl Iterator<Item = (&'a String, &'a Digest)>) {
        let files: Vec<_> = files.map(|(path, digest)| (path.clone(), store.path(digest))).collect();
        if files.is_empty() {
            return;
        }
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut known).extend(files);
    }

    /// The file of an earlier release.
    pub async fn find(&self, path: &str) -> Option<Response> {
        let files = Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner));
        let file = files.get(path)?;
        let bytes = tokio::fs::read(file).await.ok()?;
        let media = mime_guess::from_path(path).first_or_octet_stream();
        let mut response = Response::new(body::full(bytes));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_str(media.as_ref()).ok()?);
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(FOR_EVER));
        Some(response)
    }
}

/// Asks a staged generation for the assets that its new components name, and keeps them in the store.
///
/// # Errors
/// [`Kind::Failed`] where a list or a file is not what it should be; those of the store.
pub async fn collect(
    store: Arc<Store>,
    router: Router,
    generation: Arc<Generation>,
) -> Result<BTreeMap<String, BTreeMap<String, Digest>>, Refusal> {
    // What another release runs in this form has been asked.
    let fresh = Crew::of(&generation).into_iter().flat_map(|crew| crew.fresh.iter().map(move |id| (crew, id)));
    let lists: Vec<(String, String)> =
        fresh.filter_map(|(crew, id)| Some((id.clone(), crew.app.components.get(id)?.assets.clone()?))).collect();
    let mut all = BTreeMap::new();
    for (id, list) in lists {
        let bytes = fetch(&router, &generation, &id, &list, LIST_BYTES_MAX).await?;
        let paths: Vec<String> = match serde_json::from_slice(&bytes) {
            Ok(paths) => paths,
            Err(_) => return Err(failed(&id, &list, "is no JSON array of paths")),
        };
        if paths.len() > FILES_MAX {
            return Err(failed(&id, &list, "names more than 2,000 files"));
        }
        let mut files = BTreeMap::new();
        for path in paths {
            let bytes = fetch(&router, &generation, &id, &path, FILE_BYTES_MAX).await?;
            files.insert(path, keep(Arc::clone(&store), bytes).await?);
        }
        all.insert(id, files);
    }
    Ok(all)
}

async fn keep(store: Arc<Store>, bytes: Vec<u8>) -> Result<Digest, Refusal> {
    match tokio::task::spawn_blocking(move || store.add(&bytes)).await {
        Ok(kept) => kept.map_err(Refusal::from),
        Err(_) => Err(Refusal::new(Kind::Unavailable, "the host failed while it kept an asset")),
    }
}

async fn fetch(
    router: &Router,
    generation: &Arc<Generation>,
    id: &str,
    path: &str,
    max: usize,
) -> Result<Vec<u8>, Refusal> {
    let request = readiness::get(path, generation, Some(Errand::Probe)).map_err(|why| failed(id, path, &why))?;
    let response = router.call_component(id, request).await.map_err(|error| failed(id, path, &error.to_string()))?;
    if !response.status().is_success() {
        return Err(failed(id, path, &format!("answers {}", response.status().as_u16())));
    }
    let mut body = response.into_body();
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| failed(id, path, &error.to_string()))?;
        bytes.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
        if bytes.len() > max {
            return Err(failed(id, path, &format!("is longer than {max} bytes")));
        }
    }
    Ok(bytes)
}

fn failed(id: &str, path: &str, why: &str) -> Refusal {
    Refusal::new(Kind::Failed, format!("component `{id}`: asset {path} {why}"))
}
