//! The command line: arguments, exit codes, error codes, output. One verb a file. Nothing here knows an adapter; what a verb
//! needs is handed in by `boot`.

pub mod answer;
pub mod approve;
pub mod args;
pub mod columns;
pub mod cost;
pub mod decide;
pub mod diff;
pub mod errors;
pub mod exit;
pub mod explain;
pub mod follow;
pub mod halt;
pub mod headless;
pub mod item;
pub mod logs;
pub mod manual;
pub mod output;
pub mod plan;
pub mod reject;
pub mod status;
pub mod version;
pub mod waiting;

pub use args::{Args, Verb, parse};
pub use errors::{ErrorCode, Problem};
pub use exit::ExitCode;
pub use output::{Out, Stop};
