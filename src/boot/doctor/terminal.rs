//! What the doctor says about the terminal: colours, copying, and keys that are taken before they arrive.

use crate::tui::terminal::caps::{Caps, Depth, Glyphs, Multiplexer};

use super::Fact;

/// A key that something around the terminal takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The key.
    pub key: String,
    /// Who takes it.
    pub who: &'static str,
    /// The actions whose keys begin with it.
    pub actions: Vec<&'static str>,
}

/// What is looked at.
#[derive(Clone, Debug)]
pub struct Terminal {
    /// `TERM`.
    pub term: String,
    /// Columns and rows; none where standard output is no terminal.
    pub size: Option<(u16, u16)>,
    /// What it can do.
    pub caps: Caps,
    /// tmux's `set-clipboard`, if tmux is around.
    pub clipboard: Option<String>,
    /// tmux's `focus-events`, if tmux is around.
    pub focus: Option<String>,
    /// Keys that do not arrive.
    pub taken: Vec<Taken>,
}

/// Looks at the terminal.
#[must_use]
pub fn examine(terminal: &Terminal) -> Vec<Fact> {
    let mut facts = vec![place(terminal), colours(terminal.caps), copy(terminal)];
    facts.extend(focus(terminal));
    facts.extend(terminal.taken.iter().map(|taken| {
        let text = format!("keys: {} takes {}", taken.who, taken.key);
        if taken.actions.is_empty() {
            return Fact::ok("terminal", format!("{text}; no key of aios begins with it"));
        }
        let text = format!("{text}, which is meant for {}", taken.actions.join(", "));
        Fact::warn("terminal", text, "each has another key: aios keys")
    }));
    facts
}

const fn around(multiplexer: Multiplexer) -> &'static str {
    match multiplexer {
        Multiplexer::None => "",
        Multiplexer::Tmux => " inside tmux",
        Multiplexer::Screen => " inside screen",
        Multiplexer::Zellij => " inside zellij",
    }
}

fn place(terminal: &Terminal) -> Fact {
    let mut text = format!(
        "TERM={}{}",
        terminal.term,
        around(terminal.caps.multiplexer)
    );
    if terminal.caps.is_remote {
        text.push_str(", over ssh");
    }
    let Some((columns, rows)) = terminal.size else {
        return Fact::ok(
            "terminal",
            format!("{text}, and this output is no terminal"),
        );
    };
    text.extend([", ", &columns.to_string(), "x", &rows.to_string()]);
    if terminal.caps.glyphs == Glyphs::Ascii {
        let fix = "use a UTF-8 locale, such as LANG=C.UTF-8";
        return Fact::warn("terminal", format!("{text}, ASCII only"), fix);
    }
    text.push_str(", UTF-8");
    if columns < 80 || rows < 24 {
        let fix = "80x24 shows all panes; below it there is one at a time";
        return Fact::warn("terminal", text, fix);
    }
    Fact::ok("terminal", text)
}

fn colours(caps: Caps) -> Fact {
    let fix = "where it has more: aios config set display.depth true";
    match caps.depth {
        Depth::True => Fact::ok("terminal", caps.depth.words()),
        Depth::Indexed => {
            let text = format!("{}, more if it proves them", caps.depth.words());
            Fact::ok("terminal", text)
        }
        Depth::Sixteen | Depth::Mono => Fact::warn("terminal", caps.depth.words(), fix),
    }
}

fn copy(terminal: &Terminal) -> Fact {
    match (terminal.caps.multiplexer, terminal.clipboard.as_deref()) {
        (Multiplexer::Tmux, Some("on")) => Fact::ok("terminal", "copy: by tmux, and to a file"),
        (Multiplexer::Tmux, told) => {
            let told = told.unwrap_or("not told");
            let text = format!("copy: tmux set-clipboard is {told}");
            Fact::warn("terminal", text, "tmux set -g set-clipboard on")
        }
        (Multiplexer::Screen | Multiplexer::Zellij, _) => {
            let text = "copy: what the multiplexer lets through, and a file";
            Fact::ok("terminal", text)
        }
        (Multiplexer::None, _) => {
            Fact::ok("terminal", "copy: by the terminal (OSC 52), and to a file")
        }
    }
}

/// Whether it is known when the person looks elsewhere; without it nobody is called before a minute without a key.
fn focus(terminal: &Terminal) -> Option<Fact> {
    let is_off = terminal.focus.as_deref().is_some_and(|told| told != "on");
    is_off.then(|| {
        let text = "focus: tmux does not tell when you look elsewhere";
        Fact::warn("terminal", text, "tmux set -g focus-events on")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boot::doctor::Health;

    fn terminal(pairs: &[(&str, &str)]) -> Terminal {
        let find = |name: &str| {
            let mut pairs = pairs.iter();
            let found = pairs.find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Terminal {
            term: find("TERM").unwrap_or_default(),
            size: Some((120, 36)),
            caps: Caps::from_environment(find),
            clipboard: None,
            focus: None,
            taken: Vec::new(),
        }
    }

    #[test]
    fn a_usual_terminal_is_good() {
        let usual = terminal(&[("TERM", "xterm-256color"), ("LANG", "C.UTF-8")]);
        let facts = examine(&usual);
        assert!(
            facts.iter().all(|fact| fact.health == Health::Ok),
            "{facts:?}"
        );
        assert_eq!(facts[0].text, "TERM=xterm-256color, 120x36, UTF-8");
    }

    #[test]
    fn tmux_that_keeps_the_clipboard_and_a_key_is_told() {
        let pairs = [
            ("TERM", "tmux-256color"),
            ("LANG", "C.UTF-8"),
            ("TMUX", "/tmp/t,1,0"),
        ];
        let mut inside = terminal(&pairs);
        inside.clipboard = Some("external".to_owned());
        inside.focus = Some("off".to_owned());
        inside.taken = vec![
            Taken {
                key: "C-p".to_owned(),
                who: "tmux",
                actions: vec!["palette"],
            },
            Taken {
                key: "C-b".to_owned(),
                who: "tmux",
                actions: Vec::new(),
            },
        ];
        let facts = examine(&inside);
        let warned: Vec<&str> = facts
            .iter()
            .filter(|fact| fact.health == Health::Warn)
            .map(|fact| fact.text.as_str())
            .collect();
        assert_eq!(
            warned,
            [
                "copy: tmux set-clipboard is external",
                "focus: tmux does not tell when you look elsewhere",
                "keys: tmux takes C-p, which is meant for palette"
            ]
        );
        inside.clipboard = Some("on".to_owned());
        assert_eq!(examine(&inside)[2].health, Health::Ok);
    }

    #[test]
    fn a_small_or_plain_terminal_is_told() {
        let mut small = terminal(&[("TERM", "xterm"), ("LANG", "C.UTF-8")]);
        small.size = Some((60, 20));
        assert_eq!(examine(&small)[0].health, Health::Warn);
        small.size = None;
        assert!(examine(&small)[0].text.contains("no terminal"));
        assert!(
            examine(&terminal(&[("TERM", "xterm")]))[0]
                .text
                .ends_with("ASCII only")
        );
    }
}
