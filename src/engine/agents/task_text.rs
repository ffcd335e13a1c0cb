//! Criteria as text for agents, in one form that is written and read only here. Tasks' texts themselves are templates
//! ([`Template`](super::Template)).

/// How a criterion is proven, where a command can do it.
const BY_COMMAND: &str = "   proof by command: ";
/// The line of a criterion that only eyes can judge.
const BY_EYE: &str = "   proof by eye";

/// One acceptance criterion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CriterionLine {
    /// `c1`.
    pub id: String,
    /// What must be true.
    pub text: String,
    /// The command whose exit code 0 proves it; none where a person looks.
    pub proof: Option<String>,
}

/// Writes criteria for an agent, two lines each: `c1 The text`, then its proof. Line breaks inside become spaces, in commands `; `.
#[must_use]
pub fn criteria_text(criteria: &[CriterionLine]) -> String {
    let written = criteria.iter().map(|criterion| {
        let text = one_line(&criterion.text, " ");
        match &criterion.proof {
            Some(command) => {
                let command = one_line(command, "; ");
                format!("{} {text}\n{BY_COMMAND}{command}", criterion.id)
            }
            None => format!("{} {text}\n{BY_EYE}", criterion.id),
        }
    });
    written.collect::<Vec<_>>().join("\n")
}

/// Reads the criteria back out of a text that holds them.
#[must_use]
pub fn read_criteria(text: &str) -> Vec<CriterionLine> {
    let lines: Vec<&str> = text.lines().collect();
    let pairs = lines.iter().zip(lines.iter().skip(1));
    pairs
        .filter_map(|(first, second)| read_one(first, second))
        .collect()
}

fn read_one(first: &str, second: &str) -> Option<CriterionLine> {
    let (id, text) = first.split_once(' ')?;
    let number = id.strip_prefix('c')?;
    number.parse::<u32>().ok()?;
    let proof = match second.strip_prefix(BY_COMMAND) {
        Some(command) => Some(command.to_owned()),
        None if second == BY_EYE => None,
        None => return None,
    };
    Some(CriterionLine {
        id: id.to_owned(),
        text: text.to_owned(),
        proof,
    })
}

fn one_line(text: &str, between: &str) -> String {
    let parts = text.lines().map(str::trim).filter(|line| !line.is_empty());
    parts.collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn criteria_are_read_back_as_written() {
        let criteria = vec![
            CriterionLine {
                id: "c1".to_owned(),
                text: "It works [really]".to_owned(),
                proof: Some("[ -f a ] && sh b.sh".to_owned()),
            },
            CriterionLine {
                id: "c2".to_owned(),
                text: "It is pretty".to_owned(),
                proof: None,
            },
        ];
        let text = format!(
            "# Task\n\nc3 no proof here\n\n{}\n\n## More",
            criteria_text(&criteria)
        );
        assert_eq!(read_criteria(&text), criteria);
    }

    #[test]
    fn a_criterion_stays_on_its_lines() {
        let sly = CriterionLine {
            id: "c1".to_owned(),
            text: "a\nc2 b\n   proof by eye".to_owned(),
            proof: Some("true\nfalse".to_owned()),
        };
        let read = read_criteria(&criteria_text(&[sly]));
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].proof.as_deref(), Some("true; false"));
    }
}
