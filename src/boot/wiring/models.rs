//! From settings and keys to models: which providers can be used, which model each tier gets, and what it costs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::adapters::model::retry::sleeper;
use crate::adapters::model::{
    Kind, LocalServer, Provider as Access, Retrying, connect, probe_local,
};
use crate::base::secret::Secret;
use crate::boot::config::settings::{Provider, ProviderKind};
use crate::boot::config::{Effective, Layer, Settings};
use crate::boot::places::Environment;
use crate::cli::errors::{Problem, table};
use crate::domain::agent::Role;
use crate::domain::cost::Price;
use crate::domain::llm::{FailureKind, Route, Tier};
use crate::domain::sprint::ModelChoice;
use crate::engine::costs::PriceTable;
use crate::engine::ports::model::Model;

/// Another provider's models where only its key is there.
const OTHERS: [(&str, [(Tier, &str); 3]); 2] = [
    (
        "anthropic",
        [
            (Tier::Premium, "claude-opus-5-5"),
            (Tier::Standard, "claude-sonnet-5-5"),
            (Tier::Economy, "claude-haiku-5-5"),
        ],
    ),
    (
        "openai",
        [
            (Tier::Premium, "gpt-6.1-sol"),
            (Tier::Standard, "gpt-6-sol"),
            (Tier::Economy, "gpt-6-luna"),
        ],
    ),
];

/// Window and longest answer by the beginning of a model's name, in tokens. Careful rather than exact: a larger window is only
/// trimmed earlier than it had to be.
const SIZES: [(&str, u64, u64); 6] = [
    ("claude", 200_000, 16_000),
    ("gpt-oss", 128_000, 8_000),
    ("gpt", 256_000, 16_000),
    ("gemini", 256_000, 16_000),
    ("deepseek", 128_000, 8_000),
    ("qwen", 128_000, 8_000),
];
/// Of models that are not in the list, and of all on this machine: servers load them with a small window by default.
const USUAL_SIZE: (u64, u64) = (32_768, 6_000);

/// How long a provider may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(10);

/// The models that this call can use.
#[derive(Clone, Default)]
pub struct Models {
    /// By provider.
    pub ports: BTreeMap<String, Arc<dyn Model>>,
    /// By tier; the strongest that there is stands in for missing ones.
    pub tiers: BTreeMap<Tier, ModelChoice>,
    /// What savings are counted against.
    pub baseline: Price,
    /// What people should know.
    pub notices: Vec<String>,
}

impl Models {
    /// The model for tiers that have none: the everyday one, or what is nearest to it. Never one that costs in place of one on
    /// this machine.
    #[must_use]
    pub fn fallback(&self) -> Option<&ModelChoice> {
        let order = [Tier::Standard, Tier::Premium, Tier::Economy, Tier::Local];
        order.iter().find_map(|tier| self.tiers.get(tier))
    }

    /// Whether a model that costs money can be reached.
    #[must_use]
    pub fn can_cost(&self) -> bool {
        self.tiers
            .values()
            .any(|choice| choice.price != Price::default())
    }

    /// Asks the providers whether they are there and take the key, so that a wrong key is told before anything is begun. What they do
    /// not want to tell is not held against them.
    ///
    /// # Errors
    /// One refuses the key, or is not reached.
    pub async fn greet(&self) -> Result<(), Problem> {
        for (name, port) in &self.ports {
            let Ok(Err(failure)) = tokio::time::timeout(PATIENCE, port.list()).await else {
                continue;
            };
            let code = match failure.kind {
                FailureKind::Auth | FailureKind::NoCredit => &table::KEY_REFUSED,
                FailureKind::Unreachable => &table::PROVIDER_DOWN,
                FailureKind::RateLimited
                | FailureKind::Overloaded
                | FailureKind::UnknownModel
                | FailureKind::ContextOverflow
                | FailureKind::BadRequest
                | FailureKind::Cut
                | FailureKind::Malformed => continue,
            };
            return Err(Problem::new(code, format!("{name}: {}", failure.text)));
        }
        Ok(())
    }
}

/// What models are chosen from.
pub struct Choosing<'a> {
    /// The settings.
    pub settings: &'a Settings,
    /// Where they come from.
    pub layers: &'a Effective,
    /// Where keys are.
    pub environment: &'a Environment,
    /// Who will use them.
    pub team: &'a [Role],
}

impl Choosing<'_> {
    /// Chooses a model for each tier and sets its provider up. Looks for servers on this machine only where nothing else is there or
    /// one is asked for.
    ///
    /// # Errors
    /// A setting names what cannot be used, or there is no model at all.
    pub async fn models(&self) -> Result<Models, Problem> {
        let wants_local = self.settings.models.default == Some(Tier::Local)
            || self.team.iter().any(|role| role.tier == Tier::Local);
        let mut routes = self.set_by_person()?;
        if self.settings.models.default != Some(Tier::Local) {
            self.fill_with_keys(&mut routes);
        }
        let mut notices = Vec::new();
        if routes.is_empty() || (wants_local && !routes.contains_key(&Tier::Local)) {
            let servers = probe_local().await;
            self.fill_with_servers(&mut routes, &servers, &mut notices);
        }
        if wants_local && !routes.contains_key(&Tier::Local) {
            let text = "a model on this machine is wanted, and no local server answers";
            return Err(Problem::new(&table::NO_MODEL, text)
                .hint("start a local server such as ollama, or set models.local"));
        }
        if routes.is_empty() {
            return Err(Problem::new(&table::NO_MODEL, table::NO_MODEL.title));
        }
        if let Some(one) = self.settings.models.default {
            let route = routes.get(&one).cloned().ok_or_else(|| {
                Problem::new(&table::NO_MODEL, format!("no model for the tier {one}"))
            })?;
            routes = Tier::ALL
                .into_iter()
                .map(|tier| (tier, route.clone()))
                .collect();
        }
        self.connect(routes, notices)
    }

    /// The tiers whose model a person has named. What is named has to work.
    fn set_by_person(&self) -> Result<BTreeMap<Tier, Route>, Problem> {
        let mut routes = BTreeMap::new();
        for (tier, route) in &self.settings.models.tiers {
            let name = format!("models.{tier}");
            let is_set = self
                .layers
                .get(&name)
                .is_some_and(|setting| setting.origin.layer != Layer::Default);
            if !is_set {
                continue;
            }
            let provider = self.settings.providers.get(&route.provider);
            let Some(provider) = provider.filter(|provider| !provider.base_url.is_empty()) else {
                let text = format!(
                    "{name} = \"{route}\": the provider {} has no address",
                    route.provider
                );
                let hint = format!("set providers.{}.base_url in your own file", route.provider);
                return Err(Problem::new(&table::BAD_VALUE, text).hint(hint));
            };
            if let Some(variable) = self.missing_key(provider) {
                let text = format!("{name} = \"{route}\", and {variable} is not set");
                return Err(Problem::new(&table::NO_MODEL, text)
                    .hint(format!("export {variable}=…, or name another model")));
            }
            routes.insert(*tier, route.clone());
        }
        Ok(routes)
    }

    fn missing_key<'p>(&self, provider: &'p Provider) -> Option<&'p str> {
        let variable = provider.key_variable.as_deref()?;
        self.environment
            .text(variable)
            .is_none()
            .then_some(variable)
    }

    /// The other tiers from providers whose key is there: the default's own provider first, then any.
    fn fill_with_keys(&self, routes: &mut BTreeMap<Tier, Route>) {
        let has_key = |name: &str| {
            let provider = self.settings.providers.get(name);
            provider
                .is_some_and(|one| one.key_variable.is_some() && self.missing_key(one).is_none())
        };
        for (provider, models) in OTHERS.iter().filter(|(name, _)| has_key(name)) {
            for (tier, model) in models {
                routes.entry(*tier).or_insert_with(|| Route {
                    provider: (*provider).to_owned(),
                    model: (*model).to_owned(),
                });
            }
        }
    }

    /// The tiers that are left from servers on this machine. The strongest tiers get one too only if there is nothing else.
    fn fill_with_servers(
        &self,
        routes: &mut BTreeMap<Tier, Route>,
        servers: &[LocalServer],
        notices: &mut Vec<String>,
    ) {
        let wished = self.settings.models.tiers.get(&Tier::Local);
        let has_wished = |server: &&LocalServer| {
            wished.is_some_and(|route| {
                server.name == route.provider && server.models.contains(&route.model)
            })
        };
        let exact = servers.iter().find(has_wished).and(wished).cloned();
        let first = || {
            let server = servers.first()?;
            Some(Route {
                provider: server.name.clone(),
                model: server.models.first()?.clone(),
            })
        };
        let Some(route) = exact.or_else(first) else {
            return;
        };
        if routes.is_empty() {
            notices.push(format!(
                "no key is set: all work is done by {route} on this machine"
            ));
            for tier in Tier::ALL {
                routes.insert(tier, route.clone());
            }
        }
        routes.entry(Tier::Local).or_insert(route);
    }

    fn connect(
        &self,
        routes: BTreeMap<Tier, Route>,
        notices: Vec<String>,
    ) -> Result<Models, Problem> {
        let prices = self.prices();
        let mut models = Models {
            notices,
            baseline: self.priced(&prices, &self.settings.models.baseline).0,
            ..Models::default()
        };
        for (tier, route) in routes {
            if !models.ports.contains_key(&route.provider) {
                models
                    .ports
                    .insert(route.provider.clone(), self.port(&route.provider)?);
            }
            let (price, is_priced) = self.priced(&prices, &route);
            if !is_priced && !models.tiers.values().any(|known| known.route == route) {
                models.notices.push(format!(
                    "{route} has no known price: it is counted at the dearest; add it under [prices] in your own file"
                ));
            }
            let (window, max_output) = self.size(&route);
            let choice = ModelChoice {
                route,
                price,
                is_priced,
                window,
                max_output,
            };
            models.tiers.insert(tier, choice);
        }
        Ok(models)
    }

    fn port(&self, name: &str) -> Result<Arc<dyn Model>, Problem> {
        let cannot = |text: String| {
            Problem::new(&table::BAD_VALUE, text)
                .hint("correct it in your own file: aios config path")
        };
        let provider = self
            .settings
            .providers
            .get(name)
            .ok_or_else(|| cannot(format!("there is no provider {name}")))?;
        let key = provider.key_variable.as_deref();
        let key = key.and_then(|variable| self.environment.text(variable));
        let access = Access {
            name: name.to_owned(),
            kind: match provider.kind {
                ProviderKind::Anthropic => Kind::Anthropic,
                ProviderKind::OpenAi | ProviderKind::Compatible => Kind::OpenAi,
            },
            base_url: provider.base_url.clone(),
            key: key.map(|key| Secret::new(key.to_owned())),
            ca_file: provider.ca_file.clone(),
        };
        let port = connect(&access).map_err(|bad| cannot(bad.to_string()))?;
        Ok(Arc::new(Retrying::new(port, sleeper())))
    }

    /// The price table, which knows every provider on this machine that needs no key.
    fn prices(&self) -> PriceTable {
        let mut table = PriceTable::embedded();
        for (name, provider) in &self.settings.providers {
            if !provider.is_local && Self::is_here(provider) {
                table.add_local(name);
            }
        }
        table
    }

    /// On this machine, and without a key: nobody sends a bill.
    fn is_here(provider: &Provider) -> bool {
        let host = provider.base_url.split("://").nth(1).unwrap_or_default();
        let here = ["127.0.0.1", "localhost", "[::1]"];
        provider.key_variable.is_none()
            && here.iter().any(|name| {
                host.strip_prefix(name)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
            })
    }

    /// What a model costs, and whether that is known: the user's own price, else the table's, else the dearest of all.
    fn priced(&self, prices: &PriceTable, route: &Route) -> (Price, bool) {
        let row = prices.lookup(&route.provider, &route.model);
        let known = row.map(|row| row.price);
        let own = self.settings.prices.get(route);
        match (own, known) {
            (Some(own), known) => {
                let dearest = prices.dearest();
                let input = own.input.or(known.map(|price| price.input));
                let output = own.output.or(known.map(|price| price.output));
                let is_priced = input.is_some() && output.is_some();
                let input = input.unwrap_or(dearest.input);
                let price = Price {
                    input,
                    output: output.unwrap_or(dearest.output),
                    cache_read: own.cache_read.unwrap_or(input),
                    cache_write: own.cache_write.unwrap_or(input),
                };
                (price, is_priced)
            }
            (None, Some(known)) => (known, true),
            (None, None) => (prices.dearest(), false),
        }
    }

    fn size(&self, route: &Route) -> (u64, u64) {
        let provider = self.settings.providers.get(&route.provider);
        if provider.is_some_and(|provider| provider.is_local) {
            return USUAL_SIZE;
        }
        let bare = route.model.rsplit('/').next().unwrap_or_default();
        let found = SIZES.iter().find(|(head, ..)| bare.starts_with(head));
        found.map_or(USUAL_SIZE, |(_, window, longest)| (*window, *longest))
    }
}

#[cfg(test)]
mod tests;
