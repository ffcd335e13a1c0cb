//! Filling the settings from the layers. Every name that is read here has a row in the table.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::{
    Budget, Checks, Decide, Display, Gate, Gates, Models, Notify, Paths, Price, Provider,
    ProviderKind, Sandbox, Settings, Worktree,
};
use crate::base::money::{Money, TokenPrice};
use crate::boot::config::layers::{Effective, Setting};
use crate::boot::config::table::BadTable;
use crate::boot::config::value::{self, Value};
use crate::domain::llm::{Route, Tier};

/// The providers that are known without a line of configuration.
const BUILT_IN: [(&str, ProviderKind, &str, Option<&str>); 6] = [
    (
        "anthropic",
        ProviderKind::Anthropic,
        "https://api.anthropic.com",
        Some("ANTHROPIC_API_KEY"),
    ),
    (
        "openai",
        ProviderKind::OpenAi,
        "https://api.openai.com/v1",
        Some("OPENAI_API_KEY"),
    ),
    (
        "ollama",
        ProviderKind::Compatible,
        "http://127.0.0.1:11434/v1",
        None,
    ),
    (
        "llamacpp",
        ProviderKind::Compatible,
        "http://127.0.0.1:8080/v1",
        None,
    ),
    (
        "vllm",
        ProviderKind::Compatible,
        "http://127.0.0.1:8000/v1",
        None,
    ),
    (
        "lmstudio",
        ProviderKind::Compatible,
        "http://127.0.0.1:1234/v1",
        None,
    ),
];

impl Settings {
    /// From the layers. Faults have to be looked at before.
    ///
    /// # Errors
    /// The table of settings has no row for something that is read here; a test holds that it has.
    pub fn new(layers: &Effective) -> Result<Self, BadTable> {
        let read = Read(layers);
        Ok(Self {
            display: read.display()?,
            decide: Decide {
                auto_advance: read.truth("decide.auto_advance")?,
                arm_ms: read.whole("decide.arm_ms")?,
                undo_s: read.whole("decide.undo_s")?,
                confirm_all: read.truth("decide.confirm_all")?,
            },
            budget: read.budget()?,
            models: read.models()?,
            providers: providers(layers),
            prices: prices(layers),
            agents_max: read.whole("agents.max")?,
            rounds_max: read.whole("rounds.max")?,
            plan_max_tasks: read.whole("plan.max_tasks")?,
            gates: Gates {
                plan: read.gate("gates.plan")?,
                review: read.gate("gates.review")?,
                merge: read.gate("gates.merge")?,
            },
            checks: read.checks()?,
            worktree: Worktree {
                setup: read.filled("worktree.setup")?,
                include: read.list("worktree.include")?,
                stays: read.text("worktree.keep")? == "always",
            },
            paths: Paths {
                state: read.filled("paths.state")?.map(PathBuf::from),
                worktrees: read.filled("paths.worktrees")?.map(PathBuf::from),
            },
            git_prefix: read.text("git.prefix")?,
            sandbox: Sandbox {
                required: read.text("sandbox.minimum")? != "none",
                host_network: read.text("sandbox.network")? == "host",
            },
            notify: Notify {
                method: read.text("notify.method")?,
                quiet: value::hours(&read.text("notify.quiet")?),
                only_counts: read.text("notify.content")? == "count",
                command: read.list("notify.command")?,
            },
        })
    }
}

/// Typed reading; every name here has a row in the table.
struct Read<'a>(&'a Effective);

impl Read<'_> {
    fn value(&self, name: &str) -> Result<&Value, BadTable> {
        let found = self.0.get(name).map(|setting| &setting.value);
        found.ok_or_else(|| BadTable::Missing(name.to_owned()))
    }

    fn text(&self, name: &str) -> Result<String, BadTable> {
        match self.value(name)? {
            Value::Text(text) => Ok(text.clone()),
            _ => Err(BadTable::Missing(name.to_owned())),
        }
    }

    fn filled(&self, name: &str) -> Result<Option<String>, BadTable> {
        Ok(Some(self.text(name)?).filter(|text| !text.trim().is_empty()))
    }

    fn truth(&self, name: &str) -> Result<bool, BadTable> {
        match self.value(name)? {
            Value::Truth(truth) => Ok(*truth),
            _ => Err(BadTable::Missing(name.to_owned())),
        }
    }

    fn whole(&self, name: &str) -> Result<u32, BadTable> {
        match self.value(name)? {
            Value::Whole(number) => {
                u32::try_from(*number).map_err(|_| BadTable::Missing(name.to_owned()))
            }
            _ => Err(BadTable::Missing(name.to_owned())),
        }
    }

    fn money(&self, name: &str) -> Result<Money, BadTable> {
        match self.value(name)? {
            Value::Money(money) => Ok(*money),
            _ => Err(BadTable::Missing(name.to_owned())),
        }
    }

    fn list(&self, name: &str) -> Result<Vec<String>, BadTable> {
        match self.value(name)? {
            Value::List(items) => Ok(items.clone()),
            _ => Err(BadTable::Missing(name.to_owned())),
        }
    }

    fn gate(&self, name: &str) -> Result<Gate, BadTable> {
        Ok(match self.text(name)?.as_str() {
            "auto" => Gate::Auto,
            _ => Gate::Ask,
        })
    }

    fn route(&self, name: &str) -> Result<Route, BadTable> {
        let route = self.text(name)?.parse();
        route.map_err(|_| BadTable::Missing(name.to_owned()))
    }

    fn display(&self) -> Result<Display, BadTable> {
        Ok(Display {
            theme: self.text("display.theme")?,
            glyphs: self.text("display.glyphs")?,
            motion: self.text("display.motion")?,
            density: self.text("display.density")?,
            links: self.text("display.links")?,
            depth: self.text("display.depth")?,
            background: self.text("display.background")?,
            mouse: self.truth("display.mouse")?,
            shows_cursor: self.text("display.cursor")? == "always",
            plain: self.truth("a11y.plain")?,
            utc: self.text("display.time")? == "utc",
        })
    }

    fn budget(&self) -> Result<Budget, BadTable> {
        let ask_at_percent = match self.value("budget.ask_at")? {
            Value::Ratio(thousandths) => u32::from(*thousandths) / 10,
            _ => return Err(BadTable::Missing("budget.ask_at".to_owned())),
        };
        Ok(Budget {
            request: self.money("budget.request")?,
            task: self.money("budget.task")?,
            sprint: self.money("budget.sprint")?,
            day: self.money("budget.day")?,
            ask_at_percent,
        })
    }

    fn models(&self) -> Result<Models, BadTable> {
        let mut tiers = BTreeMap::new();
        for tier in Tier::ALL {
            tiers.insert(tier, self.route(&format!("models.{tier}"))?);
        }
        let baseline = self.text("models.baseline")?;
        let by_tier = baseline
            .parse::<Tier>()
            .ok()
            .and_then(|tier| tiers.get(&tier).cloned());
        Ok(Models {
            default: self.text("models.default")?.parse().ok(),
            baseline: match by_tier {
                Some(route) => route,
                None => self.route("models.baseline")?,
            },
            tiers,
        })
    }

    fn checks(&self) -> Result<Checks, BadTable> {
        Ok(Checks {
            setup: self.filled("checks.setup")?,
            build: self.list("checks.build")?,
            test: self.list("checks.test")?,
            lint: self.list("checks.lint")?,
            format: self.list("checks.format")?,
            timeout: Duration::from_secs(u64::from(self.whole("checks.timeout_s")?)),
        })
    }
}

/// Settings below `section.NAME`, as name, field and text.
fn named<'a>(
    layers: &'a Effective,
    section: &'a str,
) -> impl Iterator<Item = (&'a str, &'a str, &'a str)> {
    layers
        .settings
        .iter()
        .filter_map(
            move |(path, Setting { value, .. })| match (path.as_slice(), value) {
                ([first, name, field], Value::Text(text)) if first == section => {
                    Some((name.as_str(), field.as_str(), text.as_str()))
                }
                _ => None,
            },
        )
}

fn providers(layers: &Effective) -> BTreeMap<String, Provider> {
    let mut providers = BTreeMap::new();
    for (name, kind, base_url, variable) in BUILT_IN {
        let provider = Provider {
            kind,
            base_url: base_url.to_owned(),
            key_variable: variable.map(str::to_owned),
            ca_file: None,
            is_local: variable.is_none(),
        };
        providers.insert(name.to_owned(), provider);
    }
    for (name, field, text) in named(layers, "keys").chain(named(layers, "providers")) {
        let provider = providers
            .entry(name.to_owned())
            .or_insert_with(|| Provider {
                kind: ProviderKind::Compatible,
                base_url: String::new(),
                key_variable: None,
                ca_file: None,
                is_local: false,
            });
        match field {
            "kind" => {
                provider.kind = match text {
                    "anthropic" => ProviderKind::Anthropic,
                    "openai" => ProviderKind::OpenAi,
                    _ => ProviderKind::Compatible,
                }
            }
            "base_url" => text
                .trim_end_matches('/')
                .clone_into(&mut provider.base_url),
            "key" | "source" => {
                provider.key_variable = text.strip_prefix("env:").map(str::to_owned);
            }
            "ca_file" => provider.ca_file = Some(PathBuf::from(text)),
            _ => {}
        }
    }
    providers
}

fn prices(layers: &Effective) -> BTreeMap<Route, Price> {
    let mut prices: BTreeMap<Route, Price> = BTreeMap::new();
    for (name, field, text) in named(layers, "prices") {
        let (Ok(route), Ok(amount)) = (name.parse::<Route>(), TokenPrice::per_million(text)) else {
            continue;
        };
        let price = prices.entry(route).or_default();
        match field {
            "input" => price.input = Some(amount),
            "output" => price.output = Some(amount),
            "cache_read" => price.cache_read = Some(amount),
            "cache_write" => price.cache_write = Some(amount),
            _ => {}
        }
    }
    prices
}
