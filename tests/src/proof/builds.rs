//! What is deployed in a row of many deploys: new builds first, then those of the last ones again.
//!
//! A build that is new is compiled, which takes longer than all the rest of a deploy; after a hundred of them nothing more
//! is learned from it. Those that come again are still in the cache, as they are for whoever deploys an earlier commit.

/// Fewer than a host keeps releases.
const AGAIN: usize = 18;

/// A row of deploys.
#[derive(Clone, Copy, Debug)]
pub struct Builds {
    /// Deploys in all.
    pub deploys: usize,
    /// The first of them, each of a build of its own.
    pub new: usize,
}

impl Builds {
    /// The label of the build that the n-th deploy takes, from 1 on. Never that of the one before.
    pub fn label(self, number: usize) -> String {
        let again = AGAIN.min(self.new);
        let build = if number <= self.new { number } else { self.new - again + 1 + (number - self.new - 1) % again };
        format!("v{build}")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn neighbours_differ_and_so_many_are_new() {
        for builds in [Builds { deploys: 500, new: 100 }, Builds { deploys: 40, new: 5 }, Builds { deploys: 4, new: 4 }]
        {
            let labels: Vec<_> = (1..=builds.deploys).map(|number| builds.label(number)).collect();
            assert!(labels.windows(2).all(|pair| pair[0] != pair[1]));
            assert_eq!(labels.iter().collect::<BTreeSet<_>>().len(), builds.new);
        }
    }
}
