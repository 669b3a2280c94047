//! What two releases are compared by.

use std::collections::BTreeMap;

use rollout::Facts;
use runtime::Artifact;

use crate::package::Package;

/// How a component is reached by another one: the only export that others use.
const HTTP_EXPORT: &str = "wasi:http/";
/// Where components call each other.
const INTERNAL: &str = ".spin.internal";

/// The facts of a release: what its manifest says, and what its wasm files import and export.
pub fn of(package: &Package, artifacts: &BTreeMap<String, Artifact>) -> Facts {
    let mut facts = Facts::of(&package.app);
    let exports: BTreeMap<_, _> = artifacts.iter().map(|(id, artifact)| (id.clone(), artifact.exports())).collect();
    for (id, component) in &mut facts.components {
        if let Some(artifact) = artifacts.get(id) {
            component.digest = artifact.digest().parse().ok();
            component.imports.extend(artifact.imports());
            component.exports.extend(artifact.exports());
        }
        if let Some(part) = package.part(id) {
            component.migrations.clone_from(&part.migrations);
        }
        let callees = component.outbound.iter().filter_map(|host| callee(host));
        for callee in callees {
            let offered = exports.get(callee).into_iter().flatten().filter(|export| export.starts_with(HTTP_EXPORT));
            component.uses.extend(offered.map(|export| (callee.to_owned(), export.clone())));
        }
    }
    facts
}

/// The component that an allowed host names.
fn callee(host: &str) -> Option<&str> {
    let host = host.strip_prefix("http://").unwrap_or(host);
    host.split([':', '/']).next()?.strip_suffix(INTERNAL)
}

#[cfg(test)]
mod tests {
    use super::callee;

    #[test]
    fn an_allowed_host_names_a_component_or_does_not() {
        assert_eq!(callee("http://auth.spin.internal"), Some("auth"));
        assert_eq!(callee("http://auth.spin.internal:80"), Some("auth"));
        assert_eq!(callee("https://example.org"), None);
    }
}
