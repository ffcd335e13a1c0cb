//! What this terminal can do, as one plain value that flags and tests can replace. Found from the environment alone: nothing
//! is asked of the terminal here.

/// How many colours may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Depth {
    /// None: bold, underline and reverse only.
    Mono,
    /// The terminal's own sixteen.
    Sixteen,
    /// The palette of 256.
    Indexed,
    /// 24 bits.
    True,
}

impl Depth {
    /// What people call it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Mono => "no colours",
            Self::Sixteen => "16 colours",
            Self::Indexed => "256 colours",
            Self::True => "24-bit colours",
        }
    }
}

/// Which characters may be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Glyphs {
    /// Box drawing, blocks and a few marks.
    Unicode,
    /// Bytes below 128 only.
    Ascii,
    /// As Unicode, with a few signs of the fonts that are patched for programmers; by choice only.
    Nerd,
}

/// What stands between us and the terminal and rewrites what we send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Multiplexer {
    /// Nothing that we know of.
    None,
    /// tmux.
    Tmux,
    /// GNU screen.
    Screen,
    /// zellij.
    Zellij,
}

/// What the terminal can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Caps {
    /// Colours.
    pub depth: Depth,
    /// Characters.
    pub glyphs: Glyphs,
    /// The multiplexer around us.
    pub multiplexer: Multiplexer,
    /// Whether the terminal is at the other end of a network.
    pub is_remote: bool,
    /// Whether it is known to have links (OSC 8).
    pub links: bool,
}

impl Caps {
    /// Reads the environment through `variable`. Empty variables count as unset.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let term = set("TERM").unwrap_or_default();
        let is_remote = is_remote(&variable);
        let multiplexer = if set("TMUX").is_some() {
            Multiplexer::Tmux
        } else if set("ZELLIJ").is_some() {
            Multiplexer::Zellij
        } else if set("STY").is_some() {
            Multiplexer::Screen
        } else {
            Multiplexer::None
        };
        let locale = set("LC_ALL")
            .or_else(|| set("LC_CTYPE"))
            .or_else(|| set("LANG"))
            .unwrap_or_default()
            .to_lowercase();
        let is_utf8 = locale.contains("utf-8") || locale.contains("utf8");
        let glyphs = if is_utf8 && term != "linux" {
            Glyphs::Unicode
        } else {
            Glyphs::Ascii
        };
        let depth = Wanted::Auto.depth(&variable);
        Self {
            depth,
            glyphs,
            multiplexer,
            is_remote,
            links: links(&term, multiplexer, set),
        }
    }
}

/// Which depth the person wants: a flag, else a setting, else what is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wanted {
    /// What the environment says.
    #[default]
    Auto,
    /// Colours, as many as the terminal has, whatever the environment says against them.
    Always,
    /// This depth.
    Exactly(Depth),
}

impl Wanted {
    /// Reads the setting `display.depth`: `auto`, `true`, `256`, `16`, `mono`.
    pub fn from_setting(word: &str) -> Self {
        match word {
            "true" => Self::Exactly(Depth::True),
            "256" => Self::Exactly(Depth::Indexed),
            "16" => Self::Exactly(Depth::Sixteen),
            "mono" => Self::Exactly(Depth::Mono),
            _ => Self::Auto,
        }
    }

    /// The depth to paint with. `NO_COLOR` comes before `CLICOLOR_FORCE`; both count when they are not empty, the latter also when
    /// it is not 0.
    pub fn depth(self, variable: impl Fn(&str) -> Option<String>) -> Depth {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let term = set("TERM").unwrap_or_default();
        let found = || depth(&term, set("COLORTERM").as_deref(), is_remote(&variable));
        match self {
            Self::Exactly(depth) => depth,
            Self::Auto if set("NO_COLOR").is_some() => Depth::Mono,
            Self::Auto if term == "dumb" && !is_forced(&variable) => Depth::Mono,
            Self::Auto | Self::Always => found(),
        }
    }
}

/// Whether colours are wanted also where the output is no terminal (`CLICOLOR_FORCE`).
pub fn is_forced(variable: impl Fn(&str) -> Option<String>) -> bool {
    variable("CLICOLOR_FORCE").is_some_and(|value| !matches!(value.as_str(), "" | "0"))
}

fn is_remote(variable: impl Fn(&str) -> Option<String>) -> bool {
    let is_set = |name: &&str| variable(name).is_some_and(|value| !value.is_empty());
    ["SSH_CONNECTION", "SSH_TTY", "MOSH_KEY"].iter().any(is_set)
}

/// Whether `TERM` names a terminal that has 24-bit colours and links.
fn is_modern(term: &str) -> bool {
    const KNOWN: [&str; 6] = [
        "xterm-kitty",
        "xterm-ghostty",
        "alacritty",
        "foot",
        "wezterm",
        "contour",
    ];
    KNOWN.iter().any(|known| term.starts_with(known))
}

/// Whether the terminal has links. tmux has them from 3.4 on; other multiplexers and mosh are left alone.
fn links(term: &str, multiplexer: Multiplexer, set: impl Fn(&str) -> Option<String>) -> bool {
    const PROGRAMS: [&str; 4] = ["iTerm.app", "WezTerm", "ghostty", "vscode"];
    let program = set("TERM_PROGRAM").unwrap_or_default();
    match multiplexer {
        _ if set("MOSH_KEY").is_some() => false,
        Multiplexer::Tmux => {
            let version = set("TERM_PROGRAM_VERSION").unwrap_or_default();
            let mut parts = version.splitn(2, '.');
            let mut number = || {
                let part = parts.next().unwrap_or_default();
                let end = part.find(|c: char| !c.is_ascii_digit());
                part.get(..end.unwrap_or(part.len()))?.parse::<u32>().ok()
            };
            program == "tmux" && (number(), number()) >= (Some(3), Some(4))
        }
        Multiplexer::Screen | Multiplexer::Zellij => false,
        Multiplexer::None => {
            let vte = set("VTE_VERSION").and_then(|version| version.parse::<u32>().ok());
            vte.is_some_and(|version| version >= 5_000)
                || PROGRAMS.contains(&program.as_str())
                || is_modern(term)
        }
    }
}

fn depth(term: &str, colorterm: Option<&str>, is_remote: bool) -> Depth {
    let proven = matches!(colorterm, Some("truecolor" | "24bit"))
        || term.ends_with("-direct")
        || is_modern(term);
    if proven {
        Depth::True
    } else if term.contains("256color") || is_remote {
        Depth::Indexed
    } else {
        Depth::Sixteen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caps(variables: &[(&str, &str)]) -> Caps {
        Caps::from_environment(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn colours_by_proof_only() {
        for (variables, expected) in [
            (&[("TERM", "xterm")][..], Depth::Sixteen),
            (&[("TERM", "xterm-256color")], Depth::Indexed),
            (
                &[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")],
                Depth::True,
            ),
            (&[("TERM", "xterm-kitty")], Depth::True),
            (&[("TERM", "xterm"), ("SSH_TTY", "/dev/x")], Depth::Indexed),
            (&[("TERM", "xterm-kitty"), ("NO_COLOR", "1")], Depth::Mono),
            (&[("TERM", "xterm"), ("NO_COLOR", "")], Depth::Sixteen),
        ] {
            assert_eq!(caps(variables).depth, expected, "{variables:?}");
        }
    }

    #[test]
    fn the_person_decides_before_the_environment() {
        let depth = |wanted: &str, variables: &[(&str, &str)]| {
            let wanted = match wanted {
                "always" => Wanted::Always,
                other => Wanted::from_setting(other),
            };
            wanted.depth(|name| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        let none = ("NO_COLOR", "1");
        let full = ("COLORTERM", "truecolor");
        for (wanted, variables, expected) in [
            ("true", &[none][..], Depth::True),
            ("256", &[full], Depth::Indexed),
            ("16", &[full], Depth::Sixteen),
            ("mono", &[full], Depth::Mono),
            ("auto", &[full], Depth::True),
            ("auto", &[full, none], Depth::Mono),
            ("always", &[full, none], Depth::True),
            ("always", &[("TERM", "dumb")], Depth::Sixteen),
            ("auto", &[("TERM", "dumb")], Depth::Mono),
            (
                "auto",
                &[("TERM", "dumb"), ("CLICOLOR_FORCE", "1")],
                Depth::Sixteen,
            ),
            (
                "auto",
                &[("TERM", "dumb"), ("CLICOLOR_FORCE", "0")],
                Depth::Mono,
            ),
            ("auto", &[none, ("CLICOLOR_FORCE", "1")], Depth::Mono),
        ] {
            assert_eq!(depth(wanted, variables), expected, "{wanted} {variables:?}");
        }
    }

    #[test]
    fn links_where_they_are_known_to_work() {
        let tmux = |version| {
            [
                ("TMUX", "x"),
                ("TERM_PROGRAM", "tmux"),
                ("TERM_PROGRAM_VERSION", version),
            ]
        };
        for (variables, expected) in [
            (&[("TERM", "xterm-256color")][..], false),
            (&[("VTE_VERSION", "4902")], false),
            (&[("VTE_VERSION", "5002")], true),
            (&[("TERM", "xterm-kitty")], true),
            (&[("TERM_PROGRAM", "WezTerm")], true),
            (&[("VTE_VERSION", "7000"), ("MOSH_KEY", "x")], false),
            (&[("VTE_VERSION", "7000"), ("ZELLIJ", "0")], false),
            (&tmux("3.3a"), false),
            (&tmux("3.4"), true),
            (&tmux("3.10"), true),
            (&tmux("4.0"), true),
            (&tmux("next"), false),
        ] {
            assert_eq!(caps(variables).links, expected, "{variables:?}");
        }
    }

    #[test]
    fn glyphs_by_locale() {
        for (variables, expected) in [
            (&[][..], Glyphs::Ascii),
            (&[("LANG", "C.UTF-8")], Glyphs::Unicode),
            (&[("LANG", "de_DE.utf8"), ("LC_ALL", "C")], Glyphs::Ascii),
            (&[("LANG", "C.UTF-8"), ("TERM", "linux")], Glyphs::Ascii),
        ] {
            assert_eq!(caps(variables).glyphs, expected, "{variables:?}");
        }
        assert_eq!(
            caps(&[("TMUX", "x"), ("SSH_TTY", "y")]),
            Caps {
                depth: Depth::Indexed,
                glyphs: Glyphs::Ascii,
                multiplexer: Multiplexer::Tmux,
                is_remote: true,
                links: false,
            }
        );
    }
}
