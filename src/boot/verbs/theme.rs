//! `aios theme`: lists, shows, checks and imports themes.

use std::io::IsTerminal as _;
use std::path::{Component, Path};

use serde_json::json;

use crate::base::text::{SafeText, width};
use crate::boot::config::Settings;
use crate::boot::config::file::{self, Whose};
use crate::boot::dispatch::Outcome;
use crate::boot::look::Look;
use crate::boot::places::make_private;
use crate::boot::wiring::site::{Person, cannot_write, ours};
use crate::cli::ExitCode;
use crate::cli::args::{Args, Theme as Asked, ThemeVerb};
use crate::cli::errors::{Problem, table};
use crate::cli::output::{Out, Stop};
use crate::tui::terminal::caps::{Depth, is_forced};
use crate::tui::terminal::sgr::painted;
use crate::tui::theme::check::{self, TEXT};
use crate::tui::theme::choice::Wish;
use crate::tui::theme::import::{import, slug};
use crate::tui::theme::shelf::Design;
use crate::tui::theme::{Fault, Theme, Token};

/// Rows of a preview are at most so wide.
const WIDE: usize = 78;

/// Does what is asked of the themes.
///
/// # Errors
/// There is no such theme, a file has a fault or cannot be written, or the output is gone.
pub fn run(args: &Args, asked: &Asked, out: &mut Out) -> Outcome {
    let person = Person::of_process(args)?;
    let settings = Settings::new(&person.layers(None)?).map_err(ours)?;
    let look = person.look(&settings);
    match &asked.verb {
        ThemeVerb::List => list(&look, out),
        ThemeVerb::Preview { name } => {
            let forced = args.global.color.is_some()
                || is_forced(|name| person.environment.text(name).map(str::to_owned));
            let is_plain = !forced && !std::io::stdout().is_terminal();
            preview(look, name.as_deref(), is_plain, out)
        }
        ThemeVerb::Check { theme } => check(&look, theme, out),
        ThemeVerb::Import { file, name, force } => {
            import_file(&look, (file, name.as_deref(), *force), out)
        }
    }
}

fn problem(fault: &Fault) -> Problem {
    let problem = Problem::new(&table::BAD_THEME, place(fault));
    match &fault.hint {
        Some(hint) => problem.hint(hint.clone()),
        None => problem,
    }
}

/// A fault without its hint, which is told behind.
fn place(fault: &Fault) -> String {
    let bare = Fault {
        hint: None,
        ..fault.clone()
    };
    bare.to_string()
}

fn list(look: &Look, out: &mut Out) -> Outcome {
    let used = look.choice.design().map(|design| design.name);
    for name in look.choice.shelf.names() {
        let is_own = look.choice.shelf.is_own(name);
        let is_used = used.as_deref() == Ok(name);
        let design = look.choice.shelf.design(name);
        if out.is_json() {
            let fault = design.as_ref().err().map(ToString::to_string);
            let design = design.as_ref().ok();
            out.object(&json!({
                "name": name, "kind": design.map(|design| design.kind.word()), "own": is_own, "used": is_used,
                "pair": design.and_then(|design| design.pair.as_deref()), "fault": fault,
            }))?;
            continue;
        }
        let mark = if is_used { '*' } else { ' ' };
        let own = if is_own { "your own" } else { "" };
        let line = match &design {
            Ok(design) => {
                let pair = design.pair.as_ref();
                let pair = pair.map_or_else(String::new, |pair| format!("pair {pair}"));
                let kind = design.kind.word();
                format!("{mark} {name:<20} {kind:<6} {own:<9} {pair}")
            }
            Err(fault) => format!("{mark} {name:<20} broken {own:<9} {fault}"),
        };
        out.text(SafeText::line(line.trim_end()).as_str())?;
    }
    Ok(ExitCode::Done)
}

fn preview(mut look: Look, name: Option<&str>, is_plain: bool, out: &mut Out) -> Outcome {
    if let Some(name) = name {
        look.choice.wish = Wish::read(name);
    }
    if is_plain {
        look.choice.depth = Depth::Mono;
    }
    let design = look.choice.design().map_err(|fault| problem(&fault))?;
    let theme = design
        .at(look.choice.depth)
        .map_err(|fault| problem(&fault))?;
    let line = format!("{}, for a {} background", design.name, design.kind.word());
    out.text(SafeText::line(&line).as_str())?;
    if let Some(warning) = look.choice.warning(&design) {
        out.note(&warning)?;
    }
    swatches(&theme, is_plain, out)?;
    Ok(ExitCode::Done)
}

/// The name of every token in its own look, those of one kind in a row.
fn swatches(theme: &Theme, is_plain: bool, out: &mut Out) -> Result<(), Stop> {
    let kind = |name: &'static str| name.split_once('.').map_or("", |(kind, _)| kind);
    for group in Token::ALL.chunk_by(|(_, one), (_, two)| kind(one) == kind(two)) {
        let mut row = String::new();
        let mut taken = 0;
        for (token, name) in group {
            if taken + width(name) > WIDE {
                out.text(row.trim_end())?;
                row.clear();
                taken = 0;
            }
            let style = theme.style(Token::Text).patch(theme.style(*token));
            let text = if is_plain {
                (*name).to_owned()
            } else {
                painted(name, style)
            };
            row.push_str(&text);
            row.push_str("  ");
            taken += width(name) + 2;
        }
        out.text(row.trim_end())?;
    }
    Ok(())
}

/// The text of a file that is named on the command line.
fn text_of(path: &Path) -> Result<String, Problem> {
    match file::read(path, Whose::Theirs) {
        Ok(Some(text)) => Ok(text),
        Ok(None) => {
            let text = format!("there is no file {}", path.display());
            Err(Problem::new(&table::NO_SUCH_ITEM, text).hint("name a file that exists"))
        }
        Err(fault) => Err(fault.problem()),
    }
}

fn check(look: &Look, asked: &str, out: &mut Out) -> Outcome {
    let path = Path::new(asked);
    let is_file = path.extension().is_some() || asked.contains('/');
    let design = if is_file {
        look.choice.shelf.design_of(asked, &text_of(path)?)
    } else {
        look.choice.shelf.design(asked)
    };
    let design = design.map_err(|fault| problem(&fault))?;
    let is_good = report(&design, out)?;
    Ok(if is_good {
        ExitCode::Done
    } else {
        ExitCode::QualityGateFailed
    })
}

/// Prints what was measured; whether all of it is as it should be.
fn report(design: &Design, out: &mut Out) -> Result<bool, Stop> {
    let report = check::check(design, TEXT);
    let findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    if out.is_json() {
        out.object(
            &json!({ "name": design.name, "measured": report.measured, "findings": findings }),
        )?;
        return Ok(findings.is_empty());
    }
    for finding in &findings {
        out.text(finding)?;
    }
    let count = findings.len();
    let name = SafeText::line(&design.name);
    out.text(&match (report.measured, count) {
        (0, _) => format!("{name} takes the terminal's own colours; there is nothing to measure"),
        (all, 0) => format!("{name}: all of {all} measures are as they should be"),
        (all, 1) => format!("{name}: 1 of {all} measures is not as it should be"),
        (all, count) => format!("{name}: {count} of {all} measures are not as they should be"),
    })?;
    Ok(findings.is_empty())
}

fn import_file(
    look: &Look,
    (path, name, force): (&Path, Option<&str>, bool),
    out: &mut Out,
) -> Outcome {
    let text = text_of(path)?;
    let stem = path.file_stem().map(|stem| stem.to_string_lossy());
    let name = slug(name.unwrap_or(stem.as_deref().unwrap_or_default()));
    if name.is_empty() {
        let problem = Problem::new(&table::BAD_ARGUMENTS, "the theme would have no name");
        return Err(problem.hint("name it with --name NAME").into());
    }
    let shelf = &look.choice.shelf;
    if name == "base" || (shelf.names().contains(&name.as_str()) && !force) {
        let text = format!("there is a theme {name} already");
        let problem = Problem::new(&table::BAD_ARGUMENTS, text);
        return Err(problem.hint("name it with --name NAME").into());
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    let beside = |name: &str| {
        // A theme's name, never a path.
        let mut parts = Path::new(name).components();
        let is_name = matches!(
            (parts.next(), parts.next()),
            (Some(Component::Normal(_)), None)
        );
        let path = folder.join(format!("{name}.toml"));
        file::read(&path, Whose::Theirs)
            .ok()
            .flatten()
            .filter(|_| is_name)
    };
    let told = path.display().to_string();
    let (format, theme) = import((&told, &name), &text, beside).map_err(|fault| problem(&fault))?;
    let design = shelf
        .design_of(&told, &theme)
        .map_err(|fault| problem(&fault))?;
    let themes = look.places.themes();
    let target = themes.join(format!("{name}.toml"));
    let written = make_private(&themes).and_then(|()| std::fs::write(&target, &theme));
    written.map_err(|error| cannot_write(&target, &error))?;
    if out.is_json() {
        out.object(
            &json!({ "name": name, "format": format.name(), "file": target.display().to_string() }),
        )?;
        return Ok(ExitCode::Done);
    }
    let text = format!(
        "{name}, made of a {} file: {}",
        format.name(),
        look.places.shown(&target)
    );
    out.text(SafeText::line(&text).as_str())?;
    let count = check::check(&design, TEXT).findings.len();
    if count > 0 {
        out.note(&format!(
            "{count} measures of contrast and colour are not as they should be; see aios theme check {name}"
        ))?;
    }
    out.text(&format!("use it with aios config set display.theme {name}"))?;
    Ok(ExitCode::Done)
}
