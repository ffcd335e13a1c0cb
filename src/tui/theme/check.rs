//! Whether a theme can be read: contrast by WCAG 2.1, and whether what differs in meaning is told apart by eyes of every kind.
//! Only colours of the theme's own are measured; what the terminal's sixteen look like is not known here.

use std::fmt;

use super::Token;
use super::colour::{Rgb, Vision, distance};
use super::shelf::Design;

/// The contrast that text must have (WCAG 2.1, 1.4.3).
pub const TEXT: f64 = 4.5;

/// The contrast that frames in focus must have, and marks on the row under the cursor, in popups and on lines of a diff
/// (WCAG 2.1, 1.4.11).
pub const MARK: f64 = 3.0;

/// How far colours of different meaning must be from one another in `OKLab`.
pub const APART: f64 = 0.10;

/// What a measure was too small for.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// A colour cannot be read well on a ground.
    Contrast {
        /// What is painted.
        token: Token,
        /// On what.
        ground: &'static str,
        /// How many times lighter one is than the other.
        found: f64,
        /// How many it must be.
        least: f64,
    },
    /// Two meanings look alike.
    Alike {
        /// One.
        one: Token,
        /// The other.
        other: Token,
        /// For which eyes.
        vision: Vision,
        /// How far they are from one another.
        found: f64,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Contrast {
                token,
                ground,
                found,
                least,
            } => {
                let token = token.name();
                write!(
                    out,
                    "{token} on {ground}: contrast {found:.2}, needs {least:.1}"
                )
            }
            Self::Alike {
                one,
                other,
                vision,
                found,
            } => {
                let (one, other, vision) = (one.name(), other.name(), vision.name());
                write!(
                    out,
                    "{one} and {other}: {found:.3} apart for {vision} vision, needs {APART:.2}"
                )
            }
        }
    }
}

/// What was measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// What is not as it should be.
    pub findings: Vec<Finding>,
    /// How many measures were taken.
    pub measured: usize,
}

/// What is said about a theme's state: pairwise distinct for all eyes.
const STATES: [Token; 4] = [Token::Ok, Token::Fail, Token::Need, Token::Risk];

/// Measures a theme. `text` is the contrast that text must have, usually [`TEXT`].
pub fn check(design: &Design, text: f64) -> Report {
    let mut bench = Bench {
        design,
        report: Report::default(),
    };
    let ground = design.background;
    for (token, _) in Token::ALL {
        let own = design.look(token);
        let least = match token {
            Token::Border => continue,
            Token::BorderFocus => MARK,
            _ => text,
        };
        let fg = own.fg.and_then(super::shelf::Ink::rgb);
        match own.bg {
            Some(bg) => bench.contrast(token, fg, (bg.rgb(), "its own ground"), least),
            None => bench.contrast(token, fg, (ground, "the background"), least),
        }
    }
    bench.surfaces(text);
    for (place, one) in STATES.iter().enumerate() {
        for other in STATES.iter().skip(place + 1) {
            bench.apart(*one, *other);
        }
    }
    bench.apart(Token::DiffAdd, Token::DiffDel);
    bench.report
}

struct Bench<'a> {
    design: &'a Design,
    report: Report,
}

impl Bench<'_> {
    fn fg(&self, token: Token) -> Option<Rgb> {
        self.design.look(token).fg?.rgb()
    }

    fn bg(&self, token: Token) -> Option<Rgb> {
        self.design.look(token).bg?.rgb()
    }

    fn contrast(
        &mut self,
        token: Token,
        fg: Option<Rgb>,
        (bg, ground): (Option<Rgb>, &'static str),
        least: f64,
    ) {
        let (Some(fg), Some(bg)) = (fg, bg) else {
            return;
        };
        self.report.measured += 1;
        let found = fg.contrast(bg);
        if found < least {
            self.report.findings.push(Finding::Contrast {
                token,
                ground,
                found,
                least,
            });
        }
    }

    /// Text and marks on the grounds that the interface paints: the row under the cursor, popups, lines of a diff.
    fn surfaces(&mut self, text: f64) {
        let selected = (self.bg(Token::SurfaceSelected), "surface.selected");
        let raised = (self.bg(Token::SurfaceRaised), "surface.raised");
        for ground in [selected, raised] {
            self.contrast(Token::Text, self.fg(Token::Text), ground, text);
            for token in [
                Token::Dim,
                Token::Accent,
                Token::Need,
                Token::Risk,
                Token::Fail,
                Token::Ok,
                Token::Info,
                Token::Run,
                Token::MoneyWarn,
                Token::MoneyOver,
            ] {
                self.contrast(token, self.fg(token), ground, MARK);
            }
        }
        // Popups have the heavy frame.
        let frame = self.fg(Token::BorderFocus);
        self.contrast(Token::BorderFocus, frame, raised, MARK);
        let code = Token::ALL
            .iter()
            .filter(|(_, name)| name.starts_with("syn."));
        for (token, _) in code {
            let add = (self.bg(Token::DiffAdd), "diff.add");
            let del = (self.bg(Token::DiffDel), "diff.del");
            for ground in [add, del] {
                self.contrast(*token, self.fg(*token), ground, MARK);
            }
        }
    }

    fn apart(&mut self, one: Token, other: Token) {
        let (Some(first), Some(second)) = (self.fg(one), self.fg(other)) else {
            return;
        };
        for vision in Vision::ALL {
            self.report.measured += 1;
            let found = distance(first.seen(vision), second.seen(vision));
            if found < APART {
                self.report.findings.push(Finding::Alike {
                    one,
                    other,
                    vision,
                    found,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::shelf::Shelf;
    use super::*;

    #[test]
    fn every_shipped_theme_can_be_read_by_all_eyes() {
        let shelf = Shelf::default();
        let mut faults = Vec::new();
        for name in shelf.names() {
            let design = shelf.design(name).unwrap();
            let least = if name.starts_with("high-contrast") {
                7.0
            } else {
                TEXT
            };
            let report = check(&design, least);
            let findings = report.findings.iter();
            faults.extend(findings.map(|finding| format!("{name}: {finding}")));
            let is_own = !["terminal", "mono"].contains(&name);
            assert_eq!(report.measured > 100, is_own, "{name}: {}", report.measured);
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    #[test]
    fn what_cannot_be_read_is_found() {
        let text = r##"
name = "poor"
kind = "dark"
inherits = "nord"
[palette]
dim = "#3b4252"
ok = "#bf616a"
fail = "#c0606a"
selected = "#d0d0d0"
"##;
        let design = Shelf::default().design_of("poor.toml", text).unwrap();
        let said: Vec<String> = check(&design, TEXT)
            .findings
            .iter()
            .map(ToString::to_string)
            .collect();
        for expected in [
            "dim on the background: contrast 1.24, needs 4.5",
            "text on surface.selected: contrast ",
            "ok and fail: ",
        ] {
            assert!(
                said.iter().any(|line| line.starts_with(expected)),
                "{expected}\n{said:#?}"
            );
        }
    }
}
