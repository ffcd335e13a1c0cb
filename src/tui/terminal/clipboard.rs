//! Copying, by every way that is there: the terminal's own (OSC 52), tmux, a program of the desktop, and always a file. What
//! arrives cannot be known, so the receipt says what was sent.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::caps::{Caps, Multiplexer};
use super::lent::Draft;

/// Terminals drop longer texts: xterm's limit, in characters of base64.
const MOST: usize = 74_000;

/// A program that does not answer by then is left.
const PATIENCE: Duration = Duration::from_millis(800);

/// The bytes that ask the terminal to take a text; none if it is too long for terminals. `through` is what stands between and
/// must be told to let it pass.
pub fn osc52(text: &str, through: Multiplexer) -> Option<Vec<u8>> {
    let coded = STANDARD.encode(text);
    if coded.len() > MOST {
        return None;
    }
    let plain = format!("\x1b]52;c;{coded}\x1b\\");
    Some(match through {
        Multiplexer::Tmux => {
            let doubled = plain.replace('\x1b', "\x1b\x1b");
            format!("\x1bPtmux;{doubled}\x1b\\").into_bytes()
        }
        Multiplexer::Screen => {
            let mut bytes = Vec::new();
            // Screen takes 768 bytes a string.
            for part in format!("\x1b]52;c;{coded}\x07").as_bytes().chunks(700) {
                bytes.extend_from_slice(b"\x1bP");
                bytes.extend_from_slice(part);
                bytes.extend_from_slice(b"\x1b\\");
            }
            bytes
        }
        Multiplexer::Zellij | Multiplexer::None => plain.into_bytes(),
    })
}

/// What was done with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Bytes for the terminal, to be written between two frames.
    pub bytes: Vec<u8>,
    /// What is said about it.
    pub receipt: String,
}

/// Sends `text` by every way but the terminal's own, for which it gives the bytes. `variable` reads the environment; `folder`
/// is the person's own, where the file lies; none writes no file.
pub async fn send(
    text: String,
    caps: Caps,
    variable: impl Fn(&str) -> Option<String>,
    folder: Option<PathBuf>,
) -> Sent {
    let mut ways = Vec::new();
    let is_tmux = caps.multiplexer == Multiplexer::Tmux;
    let tmux_has_it =
        is_tmux && feed(Command::new("tmux").args(["load-buffer", "-w", "-"]), &text).await;
    let bytes = if tmux_has_it {
        Some(Vec::new()) // With -w tmux hands it to its terminal.
    } else {
        osc52(&text, caps.multiplexer)
    };
    if bytes.is_some() {
        ways.push("the terminal");
    }
    if tmux_has_it {
        ways.push("tmux");
    }
    if !caps.is_remote
        && let Some((program, arguments)) = local_tool(&variable)
        && feed(Command::new(program).args(arguments), &text).await
    {
        ways.push(program);
    }
    let file = folder.map(|folder| keep(&folder, &text));
    Sent {
        receipt: receipt(text.len(), &ways, file),
        bytes: bytes.unwrap_or_default(),
    }
}

/// Writes the text into the file of its folder; gives where.
fn keep(folder: &Path, text: &str) -> io::Result<PathBuf> {
    let file = folder.join("clip");
    let name = format!("clip.{}", std::process::id());
    Draft::write(folder, &name, text)?.keep_as(&file)?;
    Ok(file)
}

fn receipt(length: usize, ways: &[&str], file: Option<io::Result<PathBuf>>) -> String {
    let size = if length < 1_000 {
        format!("{length} bytes")
    } else {
        format!("{}.{} KB", length / 1_000, length % 1_000 / 100)
    };
    let sent = match ways {
        [] => format!("{size} are too long for the terminal"),
        [ways @ .., last] if !ways.is_empty() => {
            format!("sent {size} to {} and {last}", ways.join(", "))
        }
        [only, ..] => format!("sent {size} to {only}"),
    };
    match file {
        None => sent,
        Some(Ok(file)) => format!("{sent}; file: {}", file.display()),
        Some(Err(error)) => format!("{sent}; no file: {error}"),
    }
}

/// The desktop's own program.
fn local_tool(
    variable: impl Fn(&str) -> Option<String>,
) -> Option<(&'static str, &'static [&'static str])> {
    let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "macos") {
        Some(("pbcopy", &[]))
    } else if is_set("WAYLAND_DISPLAY") {
        Some(("wl-copy", &[]))
    } else if is_set("DISPLAY") {
        Some(("xclip", &["-selection", "clipboard"]))
    } else {
        None
    }
}

/// Gives a program the text; false if it is not there, fails or hangs.
async fn feed(command: &mut Command, text: &str) -> bool {
    let child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    let Ok(mut child) = child else { return false };
    let feeding = async {
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(text.as_bytes()).await?;
        }
        child.wait().await
    };
    let ended = tokio::time::timeout(PATIENCE, feeding).await;
    matches!(ended, Ok(Ok(status)) if status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiplexers_are_told_to_let_it_pass() {
        let text = |through| osc52("foo", through).map(|bytes| String::from_utf8(bytes).unwrap());
        assert_eq!(
            text(Multiplexer::None).as_deref(),
            Some("\x1b]52;c;Zm9v\x1b\\")
        );
        assert_eq!(
            text(Multiplexer::Tmux).as_deref(),
            Some("\x1bPtmux;\x1b\x1b]52;c;Zm9v\x1b\x1b\\\x1b\\")
        );
        assert_eq!(
            text(Multiplexer::Screen).as_deref(),
            Some("\x1bP\x1b]52;c;Zm9v\x07\x1b\\")
        );
        assert!(osc52(&"x".repeat(55_500), Multiplexer::None).is_some());
        assert_eq!(osc52(&"x".repeat(55_501), Multiplexer::None), None);
    }

    #[tokio::test]
    async fn a_text_always_lies_in_a_file_and_the_receipt_says_what_was_done() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("aios");
        let caps = Caps::from_environment(|_| None);
        for (text, said) in [
            ("short".to_owned(), "sent 5 bytes to the terminal; file: "),
            ("x".repeat(1_234), "sent 1.2 KB to the terminal; file: "),
            (
                "x".repeat(60_000),
                "60.0 KB are too long for the terminal; file: ",
            ),
        ] {
            let sent = send(text.clone(), caps, |_| None, Some(folder.clone())).await;
            assert!(sent.receipt.starts_with(said), "{}", sent.receipt);
            assert_eq!(sent.bytes.is_empty(), text.len() > 50_000);
            assert_eq!(std::fs::read_to_string(folder.join("clip")).unwrap(), text);
        }
        assert_eq!(
            receipt(
                5,
                &["the terminal", "tmux"],
                Some(Ok(PathBuf::from("/clip")))
            ),
            "sent 5 bytes to the terminal and tmux; file: /clip"
        );
        let tried = send("word".to_owned(), caps, |_| None, None).await;
        assert_eq!(tried.receipt, "sent 4 bytes to the terminal");
    }
}
