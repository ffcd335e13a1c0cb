//! Configuration: default < system < user < project < project local < environment < flags. The settings are rows of
//! assets/config.toml; every value knows where it comes from. No key is ever kept in a file, and nothing here reads one.

pub mod edit;
mod fault;
pub mod file;
mod layers;
pub mod list;
pub mod secrets;
pub mod settings;
pub mod table;
pub mod value;
pub mod write;

pub use fault::{Fault, Position};
pub use layers::{Effective, Layer, Origin, Setting, Sources, load};
pub use settings::Settings;

use std::path::{Path, PathBuf};

use crate::boot::places::{Environment, Places};
use crate::cli::Args;
use crate::cli::args::{Color, Tier, Verb};

/// The layers of this call: the usual files, those of the repository whose checkout is `root`, variables and flags.
#[must_use]
pub fn sources(
    args: &Args,
    environment: &Environment,
    places: &Places,
    root: Option<&Path>,
) -> Sources {
    let of_variable = environment.get("AIOS_CONFIG").map(PathBuf::from);
    let named = args.global.config.clone().or(of_variable);
    Sources {
        system: places.system_config.clone(),
        user_is_named: named.is_some(),
        user: Some(named.unwrap_or_else(|| places.user_config())),
        project: root.map(|root| root.join(".aios/config.toml")),
        local: root.map(|root| root.join(".aios/local.toml")),
        environment: environment.settings(),
        flags: flags(args),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
    }
}

/// The settings that the command line gives, as dotted name and text.
#[must_use]
pub fn flags(args: &Args) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut set = |name: &str, text: String| found.push((name.to_owned(), text));
    if args.global.ascii {
        set("display.glyphs", "ascii".to_owned());
    }
    let depth = args.global.color.and_then(|color| match color {
        Color::Auto | Color::Always => None,
        Color::Never => Some("mono"),
        Color::Sixteen => Some("16"),
        Color::Indexed => Some("256"),
        Color::True => Some("true"),
    });
    if let Some(depth) = depth {
        set("display.depth", depth.to_owned());
    }
    if let Some(ground) = args.global.background {
        set("display.background", ground.word().to_owned());
    }
    if args.global.no_mouse {
        set("display.mouse", "false".to_owned());
    }
    if let Some(Verb::Plan(plan)) = &args.verb
        && let Some(budget) = plan.budget
    {
        set("budget.sprint", budget.exact());
    }
    if let Some(Verb::Run(run)) = &args.verb {
        if let Some(budget) = run.budget {
            set("budget.sprint", budget.exact());
        }
        if let Some(agents) = run.agents {
            set("agents.max", agents.to_string());
        }
        if let Some(tier) = run.tier {
            let name = match tier {
                Tier::Mixed => "mixed",
                Tier::Premium => "premium",
                Tier::Standard => "standard",
                Tier::Economy => "economy",
                Tier::Local => "local",
            };
            set("models.default", name.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests;
