//! The program: reads the arguments, calls `boot`, gives the exit code. The library has the tour.

use std::process::ExitCode;

use aios::boot;
use aios::cli::args::{self, Ended};
use aios::cli::output::{Out, Wanted};

fn main() -> ExitCode {
    let code = match args::parse(std::env::args_os()) {
        Ok(args) => boot::run(&args),
        Err(ended) => {
            let mut out = Out::of_process(Wanted::default());
            match ended {
                Ended::Show(text) => {
                    let shown = out.text(&text).map(|()| aios::cli::ExitCode::Done);
                    out.end(shown)
                }
                Ended::Wrong(problem) => out.problem(&problem),
            }
        }
    };
    code.into()
}
