//! How agents' commands are shut in on this machine, and what follows where they cannot be.

use std::path::Path;
use std::sync::Arc;

use super::site::Site;
use crate::adapters::sandbox::bubblewrap::Places;
use crate::adapters::sandbox::{Bare, Bubblewrap, environment};
use crate::boot::config::Settings;
use crate::boot::places::make_private;
use crate::cli::errors::{Problem, table};
use crate::domain::tool::grant::CommandPolicy;
use crate::engine::ports::sandbox::Sandbox;

/// What is wished where commands cannot be shut in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weaker {
    /// Every command waits for a person.
    Asks,
    /// Nobody can be asked: no sprint starts.
    Stops,
    /// A person accepted it (`--accept-weaker-sandbox`).
    Accepted,
}

/// The sandbox in use.
#[derive(Clone)]
pub struct Shelter {
    /// It.
    pub sandbox: Arc<dyn Sandbox>,
    /// The environment of commands in it.
    pub environment: Vec<(String, String)>,
    /// What happens to commands.
    pub policy: CommandPolicy,
    /// Why there is no better one.
    pub lack: Option<String>,
    /// What people should know.
    pub notices: Vec<String>,
    stops: bool,
}

impl Shelter {
    /// Finds the best one. The program's state and its keys are out of sight in it.
    pub async fn find(site: &Site, settings: &Settings, weaker: Weaker) -> Self {
        let places = Places {
            home: std::env::home_dir(),
            hidden: vec![
                site.rooms.state.clone(),
                site.person.places.state.clone(),
                site.person.places.config.clone(),
                site.rooms
                    .socket
                    .parent()
                    .unwrap_or(&site.rooms.state)
                    .to_owned(),
            ],
        };
        let lookup = |name: &str| site.person.environment.text(name).map(str::to_owned);
        let found = Bubblewrap::find(places).await;
        let mut notices = Vec::new();
        if settings.sandbox.host_network {
            notices.push(
                "sandbox.network = \"host\" is not built yet: commands have no network".to_owned(),
            );
        }
        let lack = match found {
            Ok(found) => {
                return Self {
                    sandbox: Arc::new(found),
                    // Empty, and gone after each command.
                    environment: environment(Path::new("/tmp/home"), lookup),
                    policy: CommandPolicy::Sandboxed,
                    lack: None,
                    notices,
                    stops: false,
                };
            }
            Err(why) => why,
        };
        let home = site.rooms.state.join("home");
        // A home that is missing shows in the commands that want one.
        let _ = make_private(&home);
        let (policy, stops) = without(settings.sandbox.required, weaker);
        if policy == CommandPolicy::Accepted {
            notices.push(format!(
                "commands run without a sandbox, as accepted: {lack}"
            ));
        }
        Self {
            sandbox: Arc::new(Bare),
            environment: environment(&home, lookup),
            policy,
            lack: Some(lack),
            notices,
            stops,
        }
    }

    /// Says why no sprint may start with it.
    ///
    /// # Errors
    /// Commands cannot be shut in, nobody can be asked, and nobody accepted it.
    pub fn is_good_enough(&self) -> Result<(), Problem> {
        match &self.lack {
            Some(why) if self.stops => Err(Problem::new(
                &table::WEAK_SANDBOX,
                format!("{}: {why}", table::WEAK_SANDBOX.title),
            )),
            Some(_) | None => Ok(()),
        }
    }
}

/// What happens to commands where none can be shut in, and whether no sprint may start.
const fn without(is_required: bool, weaker: Weaker) -> (CommandPolicy, bool) {
    match (is_required, weaker) {
        (false, _) | (true, Weaker::Accepted) => (CommandPolicy::Accepted, false),
        (true, Weaker::Asks) => (CommandPolicy::Ask, false),
        (true, Weaker::Stops) => (CommandPolicy::Ask, true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_sandbox_somebody_has_to_accept_it_or_to_be_asked() {
        let cases = [
            (true, Weaker::Asks, CommandPolicy::Ask, true),
            (true, Weaker::Stops, CommandPolicy::Ask, false),
            (true, Weaker::Accepted, CommandPolicy::Accepted, true),
            (false, Weaker::Stops, CommandPolicy::Accepted, true),
        ];
        for (is_required, weaker, expected, may_start) in cases {
            let (policy, stops) = without(is_required, weaker);
            assert_eq!(policy, expected);
            let shelter = Shelter {
                sandbox: Arc::new(Bare),
                environment: Vec::new(),
                policy,
                lack: Some("bubblewrap is not installed".to_owned()),
                notices: Vec::new(),
                stops,
            };
            match shelter.is_good_enough() {
                Ok(()) => assert!(may_start),
                Err(problem) => {
                    assert!(!may_start);
                    assert_eq!(problem.code.id, "E-BOX-01");
                }
            }
        }
    }
}
