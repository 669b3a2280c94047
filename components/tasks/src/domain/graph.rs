//! How work goes from step to step: the graph of one version of a workflow.

use uuid::Uuid;

/// Weights are kept in thousandths, so that shares of time are exact.
const MILLI: f64 = 1000.0;

/// The heaviest a step can be.
const WEIGHT_MAX: f64 = 1000.0;

/// One station of the work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its key.
    pub id: Uuid,
    /// The name by which graphs refer to it.
    pub key: String,
    /// The name that people read.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What the assignee is to do.
    pub instruction: String,
    /// The role, in system `tts`, whose holders do it; empty in a draft that does not say yet.
    pub role: String,
    /// The role that it can be handed up to.
    pub escalate_role: Option<String>,
    /// Its share of the time, in thousandths.
    pub weight_milli: u32,
    /// Its place in lists.
    pub position: u32,
    /// Whether tasks begin here.
    pub is_start: bool,
    /// Whether tasks may end here.
    pub is_end: bool,
    /// Where the designer draws it.
    pub x: i32,
    /// Where the designer draws it.
    pub y: i32,
}

/// Whether a transition brings work on or back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransitionKind {
    /// On.
    Forward,
    /// Back.
    Return,
}

impl TransitionKind {
    /// The form in answers and the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Return => "return",
        }
    }

    /// The kind with this code.
    pub fn read(code: &str) -> Option<Self> {
        [Self::Forward, Self::Return].into_iter().find(|kind| kind.code() == code)
    }
}

/// A way from one step to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// Its key.
    pub id: Uuid,
    /// The step it leaves.
    pub from: Uuid,
    /// The step it leads to.
    pub to: Uuid,
    /// What choosing it means, for example `Approve`.
    pub name: String,
    /// On or back.
    pub kind: TransitionKind,
}

/// Steps and the ways between them, both in the order in which they are shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Graph {
    /// The steps.
    pub steps: Vec<Step>,
    /// The ways.
    pub transitions: Vec<Transition>,
}

impl Graph {
    /// The step with this key.
    pub fn step(&self, id: Uuid) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == id)
    }

    /// Where tasks begin.
    pub fn start(&self) -> Option<&Step> {
        self.steps.iter().find(|step| step.is_start)
    }

    /// The transition with this key.
    pub fn transition(&self, id: Uuid) -> Option<&Transition> {
        self.transitions.iter().find(|transition| transition.id == id)
    }

    /// The ways out of a step.
    pub fn outgoing(&self, step: Uuid) -> impl Iterator<Item = &Transition> {
        self.transitions.iter().filter(move |transition| transition.from == step)
    }
}

/// A weight in thousandths; nothing if it is negative, no number, or over 1000.
pub fn weight_milli(weight: f64) -> Option<u32> {
    if !(0.0..=WEIGHT_MAX).contains(&weight) {
        return None;
    }
    // The digits of the rounded number: there is no lossless conversion from a float.
    format!("{weight:.3}").replace('.', "").parse().ok()
}

/// The weight that people write.
pub fn weight(milli: u32) -> f64 {
    f64::from(milli) / MILLI
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_keep_three_decimals_both_ways() {
        for (number, milli) in [(0.0, 0), (0.2, 200), (0.6, 600), (1.0, 1000), (0.0004, 0), (2.3456, 2346)] {
            assert_eq!(weight_milli(number), Some(milli), "{number}");
        }
        assert_eq!(format!("{}", weight(200)), "0.2");
        for wrong in [-0.1, 1000.1, f64::NAN, f64::INFINITY] {
            assert_eq!(weight_milli(wrong), None);
        }
    }
}
