//! The only place that sees everything: configuration, wiring, start and stop.

pub mod attach;
pub mod bridge;
pub mod clients;
pub mod config;
pub mod demo;
pub mod demo_assets;
pub mod desk;
pub mod dispatch;
pub mod doctor;
pub mod first;
pub mod host;
pub mod look;
pub mod person;
pub mod places;
pub mod plain;
pub mod screen;
pub mod serve;
pub mod trust;
pub mod verbs;
pub mod wiring;
pub mod zone;

use std::io::IsTerminal;

use crate::cli::ExitCode;
use crate::cli::args::Args;
use crate::cli::output::{Out, Wanted};

/// Does what the arguments ask for.
pub fn run(args: &Args) -> ExitCode {
    let global = &args.global;
    let wanted = Wanted {
        json: global.json,
        progress: !global.json && !global.quiet && std::io::stderr().is_terminal(),
        quiet: global.quiet,
    };
    let mut out = Out::of_process(wanted);
    let result = dispatch::verb(args, &mut out);
    out.end(result)
}
