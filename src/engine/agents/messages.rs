//! The program's own words to agents, kept as templates in assets/prompts/messages. The first line of each is its heading; it holds no
//! placeholder, so that a message can be told by it.

/// A template that was filled wrongly.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadFill {
    /// The template names something that was not given.
    #[error("no value for {{{{{0}}}}}")]
    Missing(String),
    /// Something was given that the template does not name.
    #[error("the template has no {{{{{0}}}}}")]
    Unknown(String),
    /// A placeholder that does not end.
    #[error("a placeholder without end: {0}")]
    Unclosed(String),
}

/// Puts values in the place of `{{name}}`. Values are taken as they are: a placeholder inside a value stays text.
///
/// # Errors
/// A placeholder without value, a value without placeholder, or a placeholder that does not end.
pub fn fill(template: &str, values: &[(&str, &str)]) -> Result<String, BadFill> {
    let mut filled = String::with_capacity(template.len());
    let mut used = vec![false; values.len()];
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else {
            return Err(BadFill::Unclosed(after.chars().take(40).collect()));
        };
        filled.push_str(before);
        let mut matching = values.iter().zip(used.iter_mut());
        match matching.find(|((known, _), _)| *known == name) {
            Some(((_, value), is_used)) => {
                filled.push_str(value);
                *is_used = true;
            }
            None => return Err(BadFill::Missing(name.chars().take(40).collect())),
        }
        rest = after;
    }
    filled.push_str(rest);
    match values.iter().zip(used).find(|(_, is_used)| !is_used) {
        Some(((name, _), _)) => Err(BadFill::Unknown((*name).to_owned())),
        None => Ok(filled),
    }
}

macro_rules! templates {
    ($($(#[$doc:meta])* $name:ident = $file:literal,)*) => {
        /// Something that the program says to an agent.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Template {
            $($(#[$doc])* $name,)*
        }

        impl Template {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The whole text with its placeholders.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$name => include_str!(concat!("../../../assets/prompts/messages/", $file, ".md")),)*
                }
            }
        }
    };
}

templates! {
    /// A worker's task. Values: id, title, detail, goal, criteria, touches, checks, before, notes, team.
    Task = "task",
    /// A judge's task. Values: id, title, author, detail, criteria, claims, checks, notes.
    Judge = "judge",
    /// The planner's goal. Values: goal, team, checks.
    Goal = "goal",
    /// The request for a sprint's summary. Values: id, goal, record.
    SumUp = "sum_up",
    /// A plan came with faults. Values: faults.
    PlanFaults = "plan_faults",
    /// The person rejected the plan. Values: reason.
    PlanRejected = "plan_rejected",
    /// A task begins anew. Values: why.
    Again = "again",
    /// The planner replied without a plan.
    PlanMissing = "plan_missing",
    /// A worker replied without a call.
    CallFinish = "call_finish",
    /// A judge replied without a call.
    CallVerdict = "call_verdict",
    /// The loop brake. Values: evidence.
    LoopBrake = "loop_brake",
    /// Checks turned red. Values: round, rounds, failures.
    ChecksFailed = "checks_failed",
    /// Proofs are red after the judge accepted. Values: round, rounds, failures.
    ProofsFailed = "proofs_failed",
    /// The judge refused. Values: round, rounds, judge, summary, findings.
    QaRejected = "qa_rejected",
    /// The person refused hunks. Values: round, rounds, hunks, comment.
    HunksRejected = "hunks_rejected",
    /// A merge conflict. Values: files, other.
    Conflict = "conflict",
    /// A person's words in the middle of the work. Values: text.
    Steered = "steered",
    /// The request for a hand-over note.
    WriteHandover = "write_handover",
    /// The hand-over note for the next attempt. Values: note, changes.
    HandedOver = "handed_over",
    /// The result of a call that a crash interrupted. Values: tool.
    Interrupted = "interrupted",
    /// The result of a call that a person refused. Values: reason.
    Refused = "refused",
}

impl Template {
    /// Its first line, by which the message can be told.
    #[must_use]
    pub fn heading(self) -> &'static str {
        self.text().lines().next().unwrap_or_default()
    }

    /// The message with its values.
    ///
    /// # Errors
    /// As [`fill`].
    pub fn fill(self, values: &[(&str, &str)]) -> Result<String, BadFill> {
        fill(self.text(), values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_put_in_once_and_not_read_again() {
        let filled = fill("a {{x}} b {{y}} {{x}}", &[("x", "{{y}}"), ("y", "2")]);
        assert_eq!(filled.unwrap(), "a {{y}} b 2 {{y}}");
    }

    #[test]
    fn wrong_fillings_are_named() {
        let given: &[(&str, &str)] = &[("x", "1")];
        let cases = [
            ("{{x}}", &[][..], "no value for {{x}}"),
            ("plain", given, "the template has no {{x}}"),
            ("{{x", given, "a placeholder without end: x"),
        ];
        for (template, values, expected) in cases {
            assert_eq!(fill(template, values).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn headings_tell_templates_apart() {
        let mut headings: Vec<_> = Template::ALL.iter().map(|one| one.heading()).collect();
        headings.sort_unstable();
        headings.dedup();
        assert_eq!(headings.len(), Template::ALL.len());
        for template in [
            Template::ChecksFailed,
            Template::ProofsFailed,
            Template::QaRejected,
            Template::HunksRejected,
        ] {
            assert!(!template.heading().contains("{{"), "{template:?}");
        }
    }
}
