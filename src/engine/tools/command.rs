//! `run_command`: a shell line in the sandbox, with what it printed and which files it changed.

use std::fmt::Write as _;
use std::sync::Mutex;

use crate::base::secret::Redactor;
use crate::base::text::{Form, Sanitizer};
use crate::domain::tool::args::RunCommand;
use crate::domain::tool::{EditFact, Outcome};
use crate::engine::ports::sandbox::{Exit, JobResult};

use super::reply::{COMMAND_BYTES, Reply};
use super::{Context, Desk};

/// Seconds that a command gets if it does not say.
const DEFAULT_S: u32 = 120;
/// The most that it can ask for.
const LONGEST_S: u32 = 600;
/// Changed files that are named to the model.
const NAMED_FILES: usize = 20;
/// Bytes of an unfinished line that are held back from progress.
const LINE_BYTES: usize = 8 << 10;

/// Runs the command and tells what came of it.
pub(super) async fn run(desk: &Desk, args: &RunCommand, context: Context<'_>) -> Outcome {
    let reply = match attempt(desk, args, context).await {
        Ok(reply) => reply,
        Err(why) => Reply::error(why),
    };
    desk.finish(reply, COMMAND_BYTES).await
}

async fn attempt(desk: &Desk, args: &RunCommand, context: Context<'_>) -> Result<Reply, String> {
    let timeout_s = args.timeout_s.unwrap_or(DEFAULT_S);
    if !(1..=LONGEST_S).contains(&timeout_s) {
        return Err(format!(
            "timeout_s is {timeout_s}: it can be 1 to {LONGEST_S}"
        ));
    }
    if args.command.trim().is_empty() || args.command.contains('\0') {
        return Err("command is empty or has a NUL byte: give a line for /bin/sh -c".to_owned());
    }
    // Without a mark the command would still be useful, so it runs; the result says what is missing.
    let mark = desk.witness.mark().await;
    let lines = Lines::new(&desk.place.redactor, context.progress);
    let hear = |piece: &[u8]| lines.hear(piece);
    let job = desk.place.job(&args.command, timeout_s);
    let ran = desk.place.sandbox.run(job, &hear).await;
    lines.finish();
    let edits = match mark {
        Ok(mark) => desk.witness.since(mark).await,
        Err(why) => Err(why),
    };
    let result = ran.map_err(|failure| failure.to_string())?;
    Ok(told(&result, edits, timeout_s))
}

fn told(result: &JobResult, edits: Result<Vec<EditFact>, String>, timeout_s: u32) -> Reply {
    let code = result.exit.code();
    let mut text = format!("exit {code}");
    match result.exit {
        Exit::Code(_) => {}
        Exit::Signal(signal) => {
            let _ = write!(text, " (ended by signal {signal})");
        }
        Exit::TimedOut => {
            let _ = write!(
                text,
                " (stopped after {timeout_s} s with all that it had started; give more timeout_s, up to {LONGEST_S}, or run a smaller part)"
            );
        }
        Exit::OutputLimit => {
            text.push_str(" (stopped: it printed more than 64 MB; make it print less)");
        }
        Exit::Cancelled => text.push_str(" (stopped: it is no longer wanted)"),
    }
    text.push('\n');
    let output = displayable(&result.output);
    if output.trim().is_empty() {
        text.push_str("(no output)\n");
    } else {
        text.push_str(&output);
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let (edits, note) = match edits {
        Ok(edits) => {
            let note = changed(&edits);
            (edits, note)
        }
        Err(why) => (
            Vec::new(),
            format!("(which files it changed could not be told: {why})\n"),
        ),
    };
    text.push_str(&note);
    let seconds = result.wall_ms as f64 / 1000.0;
    Reply {
        text,
        brief: format!("exit {code}  {seconds:.1}s"),
        is_error: !matches!(result.exit, Exit::Code(_) | Exit::Signal(_)),
        exit: Some(code),
        edits,
    }
}

fn changed(edits: &[EditFact]) -> String {
    if edits.is_empty() {
        return String::new();
    }
    let mut note = "changed files:".to_owned();
    for edit in edits.iter().take(NAMED_FILES) {
        let verb = match (edit.before, edit.after) {
            (None, _) => "new ",
            (Some(_), None) => "deleted ",
            (Some(_), Some(_)) => "",
        };
        let _ = write!(
            note,
            " {verb}{} (+{} -{})",
            edit.path, edit.added, edit.removed
        );
    }
    if edits.len() > NAMED_FILES {
        let _ = write!(note, " and {} more", edits.len() - NAMED_FILES);
    }
    note.push('\n');
    note
}

/// Output as a reader sees it: no escape sequences, of a line that was painted over only its last form; tabs stay.
pub(crate) fn displayable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut sanitizer = Sanitizer::new(Form::Block);
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (body, end) = match line.strip_suffix('\n') {
            Some(body) => (body.trim_end_matches('\r'), "\n"),
            None => (line, ""),
        };
        let last = body.rsplit('\r').find(|form| !form.is_empty());
        for (at, piece) in last.unwrap_or_default().split('\t').enumerate() {
            if at > 0 {
                out.push('\t');
            }
            out.push_str(&sanitizer.push(piece));
        }
        out.push_str(&sanitizer.push(end));
    }
    out.push_str(&sanitizer.finish());
    out
}

/// Gathers output into lines, so that no secret passes in two halves.
struct Lines<'a> {
    redactor: &'a Redactor,
    progress: &'a (dyn Fn(&str) + Send + Sync),
    rest: Mutex<Vec<u8>>,
}

impl<'a> Lines<'a> {
    fn new(redactor: &'a Redactor, progress: &'a (dyn Fn(&str) + Send + Sync)) -> Self {
        Self {
            redactor,
            progress,
            rest: Mutex::default(),
        }
    }

    fn hear(&self, piece: &[u8]) {
        let Ok(mut rest) = self.rest.lock() else {
            return;
        };
        rest.extend_from_slice(piece);
        let end = rest.iter().rposition(|byte| *byte == b'\n');
        let end = end
            .map(|at| at + 1)
            .or((rest.len() > LINE_BYTES).then_some(rest.len()));
        if let Some(end) = end {
            let lines: Vec<u8> = rest.drain(..end).collect();
            (self.progress)(&self.redactor.redact(&displayable(&lines)));
        }
    }

    fn finish(&self) {
        let Ok(mut rest) = self.rest.lock() else {
            return;
        };
        if !rest.is_empty() {
            let lines = std::mem::take(&mut *rest);
            (self.progress)(&self.redactor.redact(&displayable(&lines)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_made_readable() {
        let cases: [(&[u8], &str); 6] = [
            (b"a\tb\n", "a\tb\n"),
            (b"\x1b[31mred\x1b[0m\n", "red\n"),
            (b"10%\r50%\r100%\nnext\r\n", "100%\nnext\n"),
            (b"\xff\n", "\u{fffd}\n"),
            (b"done\r", "done"),
            (b"\x1b]52;c;aWQ=\x07x", "52;c;aWQ=x"),
        ];
        for (bytes, expected) in cases {
            let shown = displayable(bytes);
            if expected.contains("52") {
                assert!(
                    !shown.contains('\u{1b}') && !shown.contains('\u{7}'),
                    "{shown:?}"
                );
            } else {
                assert_eq!(shown, expected, "{bytes:?}");
            }
        }
    }

    #[test]
    fn a_secret_in_two_pieces_is_found() {
        use crate::base::secret::Secret;
        let key = Secret::new("hunter2-hunter2".to_owned());
        let redactor = Redactor::new([("KEY", &key)]);
        let heard = Mutex::new(String::new());
        let progress = |text: &str| heard.lock().unwrap().push_str(text);
        let lines = Lines::new(&redactor, &progress);
        lines.hear(b"key: hunter2-");
        lines.hear(b"hunter2\nmore");
        lines.finish();
        assert_eq!(*heard.lock().unwrap(), "key: ⟦secret:KEY⟧\nmore");
    }
}
