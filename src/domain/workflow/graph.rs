//! Workflows as data.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

/// What happens in a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// The task's role works in the task's worktree.
    Work,
    /// The project's checks run on what was committed.
    Checks,
    /// The judge reads the change against the criteria.
    Judge,
    /// The criteria's proofs run.
    Proofs,
    /// A person reviews.
    Review,
    /// The change goes into the sprint's branch.
    Merge,
}

/// How a node was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The work is committed.
    Done,
    /// Checks or proofs are green, or there are none.
    Passed,
    /// Checks or proofs are red.
    Failed,
    /// Judge or person accept.
    Accepted,
    /// The judge rejects.
    Rejected,
    /// The person wants changes.
    Changes,
    /// Merged.
    Merged,
    /// It does not merge.
    Conflict,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Done => "done",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Changes => "changes",
            Self::Merged => "merged",
            Self::Conflict => "conflict",
        })
    }
}

impl NodeKind {
    /// The outcomes that a node of this kind can have; each needs an edge.
    #[must_use]
    pub const fn outcomes(self) -> &'static [Outcome] {
        match self {
            Self::Work => &[Outcome::Done],
            Self::Checks | Self::Proofs => &[Outcome::Passed, Outcome::Failed],
            Self::Judge => &[Outcome::Accepted, Outcome::Rejected],
            Self::Review => &[Outcome::Accepted, Outcome::Changes],
            Self::Merge => &[Outcome::Merged, Outcome::Conflict],
        }
    }
}

/// Where an outcome leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edge {
    /// Taken on this.
    pub on: Outcome,
    /// To this node, or `end`.
    pub to: String,
}

/// One station.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// Its name.
    pub id: String,
    /// What happens in it.
    pub kind: NodeKind,
    /// Where it leads.
    pub edges: Vec<Edge>,
}

/// A whole path. Tasks begin at the first node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workflow {
    /// Its name.
    pub name: String,
    /// How often work may be entered between two decisions of a person.
    pub max_rounds: u32,
    /// The nodes.
    pub nodes: Vec<Node>,
}

/// Why a workflow cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadWorkflow {
    /// No nodes, or the first does no work.
    #[error("the first node must be of kind work")]
    NoStart,
    /// Rounds out of range.
    #[error("max_rounds must be 1 to 9")]
    Rounds,
    /// A name is used twice, or is `end` or empty.
    #[error("node name used twice or not allowed: {0}")]
    Name(String),
    /// An edge leads nowhere.
    #[error("edge of {0} leads to an unknown node: {1}")]
    Target(String, String),
    /// An outcome has no edge, or two, or cannot happen there.
    #[error("node {0} needs exactly one edge for each of its outcomes: {1}")]
    Edges(String, String),
    /// A node that cannot be reached from the first, or from which the end cannot be reached.
    #[error("node {0} is not on a way from the first node to the end")]
    OffTheWay(String),
    /// The change could end unmerged, or be merged unreviewed.
    #[error(
        "the end must be reached from a merge node only, and each merge node from a review only"
    )]
    Unreviewed,
}

impl Workflow {
    /// The built-in path: work, checks, judge, proofs, review, merge.
    #[must_use]
    pub fn deliver(max_rounds: u32) -> Self {
        use NodeKind::{Checks, Judge, Merge, Proofs, Review, Work};
        let node = |id: &str, kind, edges: &[(Outcome, &str)]| Node {
            id: id.to_owned(),
            kind,
            edges: edges
                .iter()
                .map(|(on, to)| Edge {
                    on: *on,
                    to: (*to).to_owned(),
                })
                .collect(),
        };
        Self {
            name: "deliver".to_owned(),
            max_rounds,
            nodes: vec![
                node("implement", Work, &[(Outcome::Done, "check")]),
                node(
                    "check",
                    Checks,
                    &[(Outcome::Passed, "qa"), (Outcome::Failed, "implement")],
                ),
                node(
                    "qa",
                    Judge,
                    &[
                        (Outcome::Accepted, "prove"),
                        (Outcome::Rejected, "implement"),
                    ],
                ),
                node(
                    "prove",
                    Proofs,
                    &[(Outcome::Passed, "review"), (Outcome::Failed, "implement")],
                ),
                node(
                    "review",
                    Review,
                    &[
                        (Outcome::Accepted, "merge"),
                        (Outcome::Changes, "implement"),
                    ],
                ),
                node(
                    "merge",
                    Merge,
                    &[(Outcome::Merged, "end"), (Outcome::Conflict, "implement")],
                ),
            ],
        }
    }

    /// The node of that name.
    #[must_use]
    pub fn node(&self, id: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.id == id)
    }

    /// Where a task begins.
    #[must_use]
    pub fn first(&self) -> Option<&Node> {
        self.nodes.first()
    }

    /// Where `outcome` leads from `node`; none is the end.
    #[must_use]
    pub fn follow(&self, node: &str, outcome: Outcome) -> Option<&Node> {
        let edge = self
            .node(node)?
            .edges
            .iter()
            .find(|edge| edge.on == outcome)?;
        self.node(&edge.to)
    }

    /// Checks everything that [`BadWorkflow`] names.
    ///
    /// # Errors
    /// The first fault found.
    pub fn validate(&self) -> Result<(), BadWorkflow> {
        if self.first().is_none_or(|node| node.kind != NodeKind::Work) {
            return Err(BadWorkflow::NoStart);
        }
        if !(1..=9).contains(&self.max_rounds) {
            return Err(BadWorkflow::Rounds);
        }
        let mut names = BTreeSet::new();
        for node in &self.nodes {
            if node.id.is_empty() || node.id == "end" || !names.insert(node.id.as_str()) {
                return Err(BadWorkflow::Name(node.id.clone()));
            }
        }
        self.nodes
            .iter()
            .try_for_each(|node| self.validate_edges(node))?;
        self.validate_ways()
    }

    fn validate_edges(&self, node: &Node) -> Result<(), BadWorkflow> {
        for edge in &node.edges {
            if edge.to != "end" && self.node(&edge.to).is_none() {
                return Err(BadWorkflow::Target(node.id.clone(), edge.to.clone()));
            }
            let target = self.node(&edge.to).map(|target| target.kind);
            let is_reviewed = node.kind == NodeKind::Review || target != Some(NodeKind::Merge);
            let is_merged =
                edge.to != "end" || (node.kind == NodeKind::Merge && edge.on == Outcome::Merged);
            if !is_reviewed || !is_merged {
                return Err(BadWorkflow::Unreviewed);
            }
        }
        let given: BTreeSet<_> = node.edges.iter().map(|edge| edge.on).collect();
        let wanted: BTreeSet<_> = node.kind.outcomes().iter().copied().collect();
        if given != wanted || given.len() != node.edges.len() {
            let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
            return Err(BadWorkflow::Edges(node.id.clone(), wanted.join(", ")));
        }
        Ok(())
    }

    fn validate_ways(&self) -> Result<(), BadWorkflow> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<&Node> = self.first().into_iter().collect();
        while let Some(node) = open.pop() {
            if reached.insert(node.id.as_str()) {
                open.extend(node.edges.iter().filter_map(|edge| self.node(&edge.to)));
            }
        }
        let mut ending: BTreeSet<&str> = BTreeSet::from(["end"]);
        while let Some(node) = self.nodes.iter().find(|node| {
            !ending.contains(node.id.as_str())
                && node
                    .edges
                    .iter()
                    .any(|edge| ending.contains(edge.to.as_str()))
        }) {
            ending.insert(&node.id);
        }
        let lost = self
            .nodes
            .iter()
            .find(|node| !reached.contains(node.id.as_str()) || !ending.contains(node.id.as_str()));
        lost.map_or(Ok(()), |node| Err(BadWorkflow::OffTheWay(node.id.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_path_is_sound() {
        let deliver = Workflow::deliver(3);
        assert_eq!(deliver.validate(), Ok(()));
        assert_eq!(
            deliver.follow("check", Outcome::Failed).unwrap().id,
            "implement"
        );
        assert!(deliver.follow("merge", Outcome::Merged).is_none());
    }

    #[test]
    fn faults_are_named() {
        let mut looped = Workflow::deliver(3);
        looped.nodes[0].edges[0].to = "nowhere".to_owned();
        assert!(matches!(looped.validate(), Err(BadWorkflow::Target(..))));
        let mut unreviewed = Workflow::deliver(3);
        unreviewed.nodes[3].edges[0].to = "merge".to_owned();
        assert_eq!(unreviewed.validate(), Err(BadWorkflow::Unreviewed));
        let mut missing = Workflow::deliver(3);
        missing.nodes[1].edges.pop();
        assert!(matches!(missing.validate(), Err(BadWorkflow::Edges(..))));
        let mut twice = Workflow::deliver(3);
        twice.nodes[1].id = "implement".to_owned();
        assert!(matches!(twice.validate(), Err(BadWorkflow::Name(..))));
        let mut off = Workflow::deliver(3);
        off.nodes[0].edges[0].to = "qa".to_owned();
        assert_eq!(
            off.validate(),
            Err(BadWorkflow::OffTheWay("check".to_owned()))
        );
    }
}
