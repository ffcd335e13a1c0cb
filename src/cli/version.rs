//! `aios version`.

use serde::Serialize;

use crate::cli::exit::ExitCode;
use crate::cli::output::{Out, Stop};

/// What this program is.
#[derive(Debug, Serialize)]
pub struct Version {
    /// Always `aios`.
    pub name: &'static str,
    /// Of the package.
    pub version: &'static str,
    /// Architecture and system it was built for: `x86_64-linux`.
    pub target: String,
    /// Whether it was built with optimisation.
    pub build: &'static str,
}

impl Version {
    /// Of this binary.
    #[must_use]
    pub fn of_this() -> Self {
        Self {
            name: "aios",
            version: env!("CARGO_PKG_VERSION"),
            target: format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
            build: if cfg!(debug_assertions) {
                "debug"
            } else {
                "release"
            },
        }
    }
}

/// Prints the version: one line, or one object.
///
/// # Errors
/// The output cannot be written.
pub fn run(out: &mut Out) -> Result<ExitCode, Stop> {
    let version = Version::of_this();
    if out.is_json() {
        out.object(&version)?;
    } else {
        out.text(&format!("aios {}  {}", version.version, version.target))?;
    }
    Ok(ExitCode::Done)
}
