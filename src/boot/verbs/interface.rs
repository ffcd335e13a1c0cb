//! `aios` and `aios attach`: the interface on this repository's host, which is started where none runs. Leaving it only detaches.

use std::io::BufRead as _;
use std::sync::Arc;

use crate::base::text::SafeText;
use crate::boot::attach::{Starter, attach, attach_or_start, attach_to_look, client_name};
use crate::boot::bridge::Joined;
use crate::boot::config::Settings;
use crate::boot::demo;
use crate::boot::desk::Desk;
use crate::boot::dispatch::{Halt, Outcome};
use crate::boot::first::First;
use crate::boot::plain;
use crate::boot::screen::{Showing, show};
use crate::boot::serve;
use crate::boot::trust;
use crate::boot::wiring::project::{Trust, look};
use crate::boot::wiring::site::{Site, ours};
use crate::cli::ExitCode;
use crate::cli::args::{Args, Demo};
use crate::cli::errors::{Problem, table};
use crate::cli::output::Out;
use crate::engine::ports::clock::{Clock as _, SystemClock};
use crate::tui::panes::setup;

/// Opens the interface, after the question of trust where it is open; by appended lines if it `is_plain`, or the settings say so.
///
/// # Errors
/// There is no repository, no host can be started, or there is no terminal.
pub async fn open(args: &Args, is_plain: bool, out: &mut Out) -> Outcome {
    let looks_only = args.opening().view;
    if let Some(first) = First::due(args)?.filter(|_| !is_plain && !looks_only) {
        match Box::pin(first.ask()).await? {
            Some(setup::Outcome::Demo) => {
                let demo = Demo::default();
                return Ok(Box::pin(demo::shown(args, &demo, out)).await?);
            }
            Some(setup::Outcome::Skip | setup::Outcome::Done { .. }) => {}
            None => return Ok(ExitCode::Done),
        }
    }
    let mut site = serve::site(args, None)?;
    site.needs_commit()?;
    site.make_rooms()?;
    let name = client_name("screen", SystemClock.now());
    let running = if looks_only {
        Some(attach_to_look(&site.rooms, &name).await?)
    } else {
        attach(&site.rooms, &name).await?
    };
    if running.is_none() && !ask_trust(&site, out)? {
        return Ok(ExitCode::Done);
    }
    let starter = Starter::own(&args.global, &site.rooms)?;
    site.person.settings()?; // A fault of the person's own is told before anything is shown.
    // What the repository makes stricter holds here, too.
    let layers = site.person.layers(Some(&site.facts.root))?;
    let settings = Settings::new(&layers).map_err(ours)?;
    let is_plain = is_plain || settings.display.plain;
    let project = site
        .facts
        .root
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let project = project.unwrap_or_else(|| "repository".to_owned());
    let showing = Showing {
        folder: Some(site.facts.root.clone()),
        state: Some(site.rooms.state.clone()),
        opening: args.opening(),
        ..Showing::new(&site.person, &settings, (project, name.clone()))
    };
    let desk = Arc::new(Desk::new(
        site.person.clone(),
        Some(site.facts.root.clone()),
    ));
    let rooms = site.rooms;
    let connect = async move {
        let client = match running {
            Some(client) => client,
            None => attach_or_start(&rooms, &starter, &name).await?,
        };
        let journal = rooms.journal.clone();
        let joined = Joined {
            client,
            journal,
            desk,
            // Who only looks starts nothing.
            revive: (!looks_only).then_some((rooms, starter)),
        };
        Ok((joined, ()))
    };
    if is_plain {
        let (joined, ()) = connect.await?;
        plain::talk(joined, showing, out).await?;
    } else {
        show(connect, showing).await?;
    }
    Ok(ExitCode::Done)
}

/// Shows what the repository brings along and asks what to make of it, until there is an answer. False: the person leaves.
fn ask_trust(site: &Site, out: &mut Out) -> Result<bool, Halt> {
    let trust = look(site)?;
    if trust.is_given() || trust.state == trust::TrustState::ReadOnly {
        return Ok(true);
    }
    out.text(&question(&trust, site))?;
    let unsafe_file = |error: std::io::Error| Problem::new(&table::UNSAFE_FILE, error.to_string());
    for line in std::io::stdin().lock().lines() {
        match line.map_err(unsafe_file)?.trim() {
            "t" => {
                trust::grant(&site.rooms.trust, &trust.items).map_err(unsafe_file)?;
                return Ok(true);
            }
            "r" => {
                trust::read_only(&site.rooms.trust, &trust.items).map_err(unsafe_file)?;
                return Ok(true);
            }
            "q" => return Ok(false),
            _ => out.text("t trust   r read only   q leave")?,
        }
    }
    Ok(false)
}

fn question(trust: &Trust, site: &Site) -> String {
    let mut text = format!(
        "This repository brings its own say along ({}).\nNothing of it has run. If you trust it, agents read its instructions and its commands run:\n",
        site.facts.root.display()
    );
    for item in &trust.items {
        text.push_str("  ");
        text.push_str(SafeText::exact(&item.name).as_str());
        text.push('\n');
    }
    text.push_str("t trust   r read only   q leave   (type a letter, then Enter)");
    text
}
