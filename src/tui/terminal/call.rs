//! How a terminal is told to call its person: by the sequence that it knows, else by its bell; and the person's own program.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::caps::Multiplexer;
use crate::tui::notify::Call;

/// The program that is called may take so long.
const PATIENCE: Duration = Duration::from_secs(10);

/// A terminal's way to show a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// kitty's OSC 99.
    Kitty,
    /// OSC 777, as Ghostty, foot, `WezTerm`, Konsole and VTE know it.
    Notify,
    /// OSC 9, as iTerm2 and Windows Terminal know it.
    Growl,
    /// The bell.
    #[default]
    Bell,
    /// None: the person does not want it.
    Off,
}

impl Way {
    /// The way that the setting asks for: `auto`, `bell`, `osc`, `off`. The environment names the terminal.
    pub fn new(setting: &str, variable: impl Fn(&str) -> Option<String>) -> Self {
        match (setting, Self::of_terminal(variable)) {
            ("off", _) => Self::Off,
            ("bell", _) => Self::Bell,
            ("osc", Self::Bell) => Self::Growl,
            (_, found) => found,
        }
    }

    fn of_terminal(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let term = set("TERM").unwrap_or_default();
        let program = set("TERM_PROGRAM").unwrap_or_default().to_lowercase();
        let is_notify = ["foot", "xterm-ghostty", "wezterm"]
            .iter()
            .any(|known| term.starts_with(known))
            || matches!(program.as_str(), "ghostty" | "wezterm")
            || [
                "VTE_VERSION",
                "KONSOLE_VERSION",
                "GHOSTTY_RESOURCES_DIR",
                "WEZTERM_PANE",
            ]
            .iter()
            .any(|name| set(name).is_some());
        if term == "xterm-kitty" || set("KITTY_WINDOW_ID").is_some() {
            Self::Kitty
        } else if is_notify {
            Self::Notify
        } else if program == "iterm.app" || set("WT_SESSION").is_some() {
            Self::Growl
        } else {
            Self::Bell
        }
    }

    /// The bytes for the terminal. tmux is told to let them pass, and gets a bell for its own sign; other multiplexers get the bell.
    pub fn bytes(self, text: &str, through: Multiplexer) -> Vec<u8> {
        // Whatever is said, it cannot end the sequence that carries it.
        let clean: String = text
            .chars()
            .filter(|character| !character.is_control())
            .collect();
        let sequence = match self {
            Self::Off => return Vec::new(),
            Self::Bell => return b"\x07".to_vec(),
            Self::Kitty => {
                format!("\x1b]99;i=aios:d=0;aios\x1b\\\x1b]99;i=aios:p=body;{clean}\x1b\\")
            }
            // The parts of OSC 777 are divided by semicolons.
            Self::Notify => format!("\x1b]777;notify;aios;{}\x1b\\", clean.replace(';', ",")),
            Self::Growl => format!("\x1b]9;aios: {clean}\x1b\\"),
        };
        match through {
            Multiplexer::None => sequence.into_bytes(),
            Multiplexer::Tmux => {
                let doubled = sequence.replace('\x1b', "\x1b\x1b");
                format!("\x1bPtmux;{doubled}\x1b\\\x07").into_bytes()
            }
            Multiplexer::Screen | Multiplexer::Zellij => b"\x07".to_vec(),
        }
    }
}

/// The person's program with its arguments, the call's figures put in; never a line for a shell.
pub fn arguments(hook: &[String], call: &Call, home: Option<&str>) -> Vec<String> {
    let fill = |argument: &String| {
        argument
            .replace("{level}", &call.level.number().to_string())
            .replace("{count}", &call.count.to_string())
            .replace("{text}", &call.text)
    };
    let mut filled: Vec<String> = hook.iter().map(fill).collect();
    if let (Some(program), Some(home)) = (filled.first_mut(), home)
        && let Some(rest) = program.strip_prefix("~/")
    {
        *program = format!("{home}/{rest}");
    }
    filled
}

/// Runs it and waits until it ends, not for long. Gives why it did not do its work.
pub async fn run(arguments: Vec<String>) -> Option<String> {
    let (program, rest) = arguments.split_first()?;
    if program.contains('/') && !program.starts_with('/') {
        // The folder is a repository's: its files are not the person's.
        return Some(format!(
            "notify.command names {program}: write its whole path"
        ));
    }
    let child = Command::new(program)
        .args(rest)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => return Some(format!("notify.command: {program}: {error}")),
    };
    match tokio::time::timeout(PATIENCE, child.wait()).await {
        Ok(Ok(status)) if status.success() => None,
        Ok(Ok(status)) => Some(format!("notify.command: {program}: {status}")),
        Ok(Err(error)) => Some(format!("notify.command: {program}: {error}")),
        Err(_) => Some(format!(
            "notify.command: {program} takes too long and is ended"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::notify::Level;

    fn way(setting: &str, pairs: &[(&str, &str)]) -> Way {
        Way::new(setting, |name| {
            let found = pairs.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn each_terminal_has_its_way() {
        for (pairs, expected) in [
            (&[][..], Way::Bell),
            (&[("TERM", "xterm-256color")], Way::Bell),
            (&[("TERM", "xterm-kitty")], Way::Kitty),
            (&[("TERM", "xterm-ghostty")], Way::Notify),
            (&[("TERM", "foot")], Way::Notify),
            (&[("TERM_PROGRAM", "WezTerm")], Way::Notify),
            (&[("VTE_VERSION", "7600")], Way::Notify),
            (&[("TERM_PROGRAM", "iTerm.app")], Way::Growl),
            (&[("WT_SESSION", "x")], Way::Growl),
        ] {
            assert_eq!(way("auto", pairs), expected, "{pairs:?}");
        }
        let kitty = [("TERM", "xterm-kitty")];
        assert_eq!(way("off", &kitty), Way::Off);
        assert_eq!(way("bell", &kitty), Way::Bell);
        assert_eq!(way("osc", &kitty), Way::Kitty);
        assert_eq!(way("osc", &[]), Way::Growl);
    }

    #[test]
    fn bytes_by_way_and_by_what_stands_between() {
        let bytes =
            |way: Way, through| String::from_utf8(way.bytes("1 waits: t4", through)).unwrap();
        let none = Multiplexer::None;
        assert_eq!(
            bytes(Way::Kitty, none),
            "\x1b]99;i=aios:d=0;aios\x1b\\\x1b]99;i=aios:p=body;1 waits: t4\x1b\\"
        );
        assert_eq!(
            bytes(Way::Notify, none),
            "\x1b]777;notify;aios;1 waits: t4\x1b\\"
        );
        assert_eq!(bytes(Way::Growl, none), "\x1b]9;aios: 1 waits: t4\x1b\\");
        assert_eq!(bytes(Way::Bell, Multiplexer::Tmux), "\x07");
        assert_eq!(bytes(Way::Off, Multiplexer::Tmux), "");
        assert_eq!(
            bytes(Way::Growl, Multiplexer::Tmux),
            "\x1bPtmux;\x1b\x1b]9;aios: 1 waits: t4\x1b\x1b\\\x1b\\\x07"
        );
        assert_eq!(bytes(Way::Kitty, Multiplexer::Zellij), "\x07");
        // Nothing that is said can end the sequence.
        let hostile = Way::Notify.bytes("a;b\x1b\\\x07c", none);
        assert_eq!(hostile, b"\x1b]777;notify;aios;a,b\\c\x1b\\");
    }

    #[tokio::test]
    async fn the_hook_gets_arguments_and_no_shell() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("said");
        let call = Call {
            level: Level::Need,
            count: 2,
            text: "2 wait: $(id); t4".to_owned(),
        };
        let hook = ["~/page", "{level}", "{count}", "{text}"].map(str::to_owned);
        assert_eq!(
            arguments(&hook, &call, Some("/home/mira")),
            ["/home/mira/page", "1", "2", "2 wait: $(id); t4"]
        );
        let script = format!("printf %s \"$1\" > {}", file.display());
        let hook = ["/bin/sh", "-c", &script, "page", "{text}"].map(str::to_owned);
        assert_eq!(run(arguments(&hook, &call, None)).await, None);
        assert_eq!(std::fs::read_to_string(file).unwrap(), call.text);
        let missing = run(vec!["/no/such/program".to_owned()]).await.unwrap();
        assert!(
            missing.starts_with("notify.command: /no/such/program"),
            "{missing}"
        );
        let failed = run(vec!["/bin/false".to_owned()]).await;
        assert!(failed.is_some() && run(Vec::new()).await.is_none());
    }
}
