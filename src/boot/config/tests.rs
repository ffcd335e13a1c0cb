//! Layers over one another, and files that are wrong on purpose.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::*;
use crate::base::money::Money;
use crate::boot::config::settings::ProviderKind;
use crate::domain::llm::Tier as Strength;

struct Files {
    folder: tempfile::TempDir,
    sources: Sources,
}

impl Files {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            sources: Sources {
                cores: 2,
                ..Sources::default()
            },
        }
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    fn user(mut self, text: &str) -> Self {
        self.sources.user = Some(self.write("user.toml", text));
        self
    }

    fn system(mut self, text: &str) -> Self {
        self.sources.system = vec![self.write("system.toml", text)];
        self
    }

    fn project(mut self, text: &str) -> Self {
        self.sources.project = Some(self.write("project.toml", text));
        self
    }

    fn load(&self) -> Effective {
        load(&self.sources).unwrap()
    }
}

fn codes(layers: &Effective) -> Vec<&'static str> {
    layers.faults.iter().map(|fault| fault.code.id).collect()
}

fn shown(layers: &Effective, name: &str) -> String {
    let setting = layers.get(name).unwrap();
    format!("{} {}", setting.value, setting.origin.layer)
}

#[test]
fn nothing_configured_gives_the_defaults() {
    let layers = Files::new().load();
    assert!(layers.faults.is_empty());
    let settings = Settings::new(&layers).unwrap();
    assert_eq!(settings.budget.sprint, Money::dollars(5));
    assert_eq!(settings.budget.ask_at_percent, 80);
    assert_eq!(settings.agents_max, 4);
    assert_eq!(
        settings.models.baseline,
        settings.models.tiers[&Strength::Premium]
    );
    assert!(settings.sandbox.required && !settings.sandbox.host_network);
    let anthropic = &settings.providers["anthropic"];
    assert_eq!(anthropic.key_variable.as_deref(), Some("ANTHROPIC_API_KEY"));
    let local: Vec<&str> = settings
        .providers
        .iter()
        .filter(|(_, provider)| provider.is_local)
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(local, ["llamacpp", "lmstudio", "ollama", "vllm"]);
    let mut many = Files::new();
    many.sources.cores = 16;
    assert_eq!(Settings::new(&many.load()).unwrap().agents_max, 8);
}

#[test]
fn later_layers_win_and_say_who_they_are() {
    let mut files = Files::new()
        .system("[budget]\nday = \"30\"\n")
        .user("[budget]\nsprint = 20\ntask = \"3.00\"\n[display]\ntheme = \"dusk\"\n")
        .project("[budget]\nsprint = \"10.00\"\n");
    files.sources.local = Some(files.write("local.toml", "budget.sprint = \"8\"\n"));
    files.sources.environment = vec![
        ("AIOS_BUDGET_TASK".to_owned(), "2".to_owned()),
        ("AIOS_SESSION".to_owned(), "x".to_owned()),
    ];
    files.sources.flags = vec![("agents.max".to_owned(), "6".to_owned())];
    let layers = files.load();
    assert!(layers.faults.is_empty(), "{:?}", layers.faults);
    for (name, expected) in [
        ("budget.day", "\"30.00\" system"),
        ("budget.sprint", "\"8.00\" local"),
        ("budget.task", "\"2.00\" environment"),
        ("display.theme", "\"dusk\" user"),
        ("agents.max", "6 flag"),
        ("rounds.max", "3 default"),
    ] {
        assert_eq!(shown(&layers, name), expected);
    }
    let listed = list::text(&layers, true);
    let line = listed
        .lines()
        .find(|line| line.starts_with("display.theme"))
        .unwrap();
    assert!(line.ends_with("user.toml:5"), "{line}");
    let json = list::json(&layers);
    let row = json["settings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["name"] == "budget.sprint")
        .unwrap();
    assert_eq!(
        (&row["value"], &row["layer"]),
        (&"8.00".into(), &"local".into())
    );
}

#[test]
fn a_project_only_makes_limits_stricter() {
    let project = "[budget]\nsprint = \"50\"\ntask = \"1.00\"\n[gates]\nmerge = \"auto\"\n\
                   [sandbox]\nminimum = \"none\"\nnetwork = \"host\"\n[decide]\nundo_s = 0\nconfirm_all = true\n[agents]\nmax = 50\n";
    let layers = Files::new()
        .user("[budget]\nsprint = \"20\"\n")
        .project(project)
        .load();
    assert_eq!(codes(&layers), ["E-CONF-08"; 6]);
    assert!(
        layers.first_error().is_none(),
        "a line that is left out does not stop the program"
    );
    for (name, expected) in [
        ("budget.sprint", "\"20.00\" user"),
        ("budget.task", "\"1.00\" project"),
        ("sandbox.network", "\"none\" default"),
        ("gates.merge", "\"ask\" default"),
        ("sandbox.minimum", "\"plain\" default"),
        ("decide.undo_s", "30 default"),
        ("decide.confirm_all", "true project"),
        ("agents.max", "4 default"),
    ] {
        assert_eq!(shown(&layers, name), expected);
    }
}

#[test]
fn the_machine_bounds_the_user_too() {
    let mut files = Files::new()
        .system("[budget]\nday = \"10\"\n")
        .user("[budget]\nday = \"99\"\nsprint = \"60\"\n");
    files.sources.environment = vec![("AIOS_BUDGET_DAY".to_owned(), "98".to_owned())];
    let layers = files.load();
    assert_eq!(codes(&layers), ["E-CONF-08", "E-CONF-08"]);
    assert_eq!(shown(&layers, "budget.day"), "\"10.00\" system");
    assert_eq!(shown(&layers, "budget.sprint"), "\"60.00\" user");
}

#[test]
fn keys_prices_and_addresses_belong_to_the_person() {
    let text = "[providers.anthropic]\nbase_url = \"https://elsewhere.invalid\"\n[prices.\"openai/gpt-5\"]\ninput = \"0.01\"\n\
                [paths]\nstate = \"/srv\"\n[keys.openai]\nsource = \"env:OTHER\"\n";
    let layers = Files::new().project(text).load();
    assert_eq!(codes(&layers), ["E-CONF-07"; 4]);
    let layers = Files::new().user(text).load();
    assert!(layers.faults.is_empty(), "{:?}", layers.faults);
    let settings = Settings::new(&layers).unwrap();
    assert_eq!(
        settings.providers["anthropic"].base_url,
        "https://elsewhere.invalid"
    );
    assert_eq!(
        settings.providers["anthropic"].kind,
        ProviderKind::Anthropic
    );
    assert_eq!(
        settings.providers["openai"].key_variable.as_deref(),
        Some("OTHER")
    );
    let price = settings.prices[&"openai/gpt-5".parse().unwrap()];
    assert_eq!(price.input.map(|price| price.0), Some(10_000));
    assert_eq!(
        codes(
            &Files::new()
                .system("[prices.\"a/b\"]\ninput = \"1\"\n")
                .load()
        ),
        ["E-CONF-07"]
    );
}

#[test]
fn faults_name_the_place_and_the_way_out() {
    let cases = [
        (
            "[budgte]\nsprint = 1\n",
            "unknown setting budgte, user.toml:1:2:",
            "E-CONF-02",
        ),
        (
            "[budget]\n  sprnt = 1\n",
            "unknown setting budget.sprnt, user.toml:2:3: perhaps budget.sprint",
            "E-CONF-02",
        ),
        (
            "[budget]\nsprint = 5.5\n",
            "budget.sprint takes an amount in quotes such as \"5.00\"",
            "E-CONF-03",
        ),
        (
            "[budget]\nsprint = nan\n",
            "budget.sprint takes",
            "E-CONF-03",
        ),
        (
            "[gates]\nmerge = \"alow\"\n",
            "gates.merge takes one of auto, ask, user.toml:2:1",
            "E-CONF-03",
        ),
        ("budget = 5\n", "unknown setting budget", "E-CONF-02"),
        (
            "[redis]\nurl = \"x\"\n",
            "[redis] is not built yet, user.toml:1:2",
            "E-CONF-04",
        ),
        (
            "[mcp.servers.a]\ncommand = \"x\"\n",
            "[mcp] is not built yet",
            "E-CONF-04",
        ),
        (
            "[providers.a]\nkey = \"hunter2hunter2\"\n",
            "a key stands under providers.a.key",
            "E-CONF-05",
        ),
        (
            "[providers.a]\napi_key = \"abc\"\n",
            "a key stands under providers.a.api_key",
            "E-CONF-05",
        ),
        (
            "[checks]\ntest = \"TOKEN=ghp_0123456789abcdef x\"\n",
            "a key stands under checks.test",
            "E-CONF-05",
        ),
        ("[budget\n", "user.toml:1:", "E-CONF-01"),
        (
            "[budget]\nsprint = 1\nsprint = 2\n",
            "duplicate key",
            "E-CONF-01",
        ),
    ];
    for (text, expected, code) in cases {
        let layers = Files::new().user(text).load();
        assert_eq!(codes(&layers), [code], "{text}");
        let line = layers.faults[0].problem().to_string();
        let folder = layers.faults[0]
            .position
            .as_ref()
            .and_then(|at| at.file.parent())
            .map(Path::to_owned);
        let folder = format!("{}/", folder.unwrap_or_default().display());
        let line = line.replace(&folder, "");
        assert!(line.contains(expected), "{line}");
        assert!(
            !line.contains("hunter2") && !line.contains("ghp_"),
            "{line}"
        );
    }
}

#[test]
fn variables_are_settings_and_mistyped_ones_are_said() {
    let mut files = Files::new();
    files.sources.environment = vec![
        ("AIOS_DECIDE_ARM_MS".to_owned(), "600".to_owned()),
        ("AIOS_BUDGET_SPRNT".to_owned(), "5".to_owned()),
        ("AIOS_AGENTS_MAX".to_owned(), "many".to_owned()),
    ];
    let layers = files.load();
    assert_eq!(codes(&layers), ["E-CONF-02", "E-CONF-03"]);
    assert_eq!(shown(&layers, "decide.arm_ms"), "600 environment");
}

#[test]
fn the_call_names_its_layers() {
    let environment = Environment::of([
        ("HOME", "/home/mia"),
        ("AIOS_CONFIG", "/no/such.toml"),
        ("AIOS_AGENTS_MAX", "3"),
    ]);
    let places = Places::new(&environment).unwrap();
    let line = [
        "aios", "run", "goal", "--budget", "5", "--tier", "local", "--ascii",
    ];
    let args = crate::cli::parse(line.map(Into::into)).unwrap();
    let sources = sources(&args, &environment, &places, Some(Path::new("/repo")));
    assert_eq!(
        sources.local.as_deref(),
        Some(Path::new("/repo/.aios/local.toml"))
    );
    let layers = load(&sources).unwrap();
    assert_eq!(
        codes(&layers),
        ["E-CONF-06"],
        "a file that is named has to be there"
    );
    for (name, expected) in [
        ("budget.sprint", "\"5.00\" flag"),
        ("models.default", "\"local\" flag"),
        ("display.glyphs", "\"ascii\" flag"),
        ("agents.max", "3 environment"),
    ] {
        assert_eq!(shown(&layers, name), expected);
    }
}

/// The content of a case, which may be a recipe for something that is not plain text. `None` is a pipe.
fn content(recipe: &str) -> Option<Vec<u8>> {
    if let Some(bytes) = recipe.strip_prefix("@bytes:") {
        let bytes = bytes
            .split(' ')
            .map(|byte| u8::from_str_radix(byte, 16).unwrap());
        return Some(bytes.collect());
    }
    if recipe.starts_with("@generate:") {
        let lines = (0..2_000_000).map(|number| format!("k{number}=1\n"));
        return Some(lines.collect::<String>().into_bytes());
    }
    (recipe != "@fifo").then(|| recipe.as_bytes().to_vec())
}

#[test]
fn the_corpus_of_bad_files_is_refused() {
    let corpus = include_str!("../../../tests/fixtures/config_files.jsonl");
    let mut seen = 0;
    for line in corpus.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let recipe = case["content"].as_str().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        let (mode, recipe) = match recipe.strip_prefix("@mode:0666 owner=other-user ") {
            Some(rest) => (0o666, rest),
            None => (0o600, recipe),
        };
        if let Some(bytes) = content(recipe) {
            fs::write(&path, bytes).unwrap();
        } else {
            let status = std::process::Command::new("mkfifo")
                .arg(&path)
                .status()
                .unwrap();
            assert!(status.success());
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let mut sources = Sources::default();
        if case["scope"] == "repo" {
            sources.project = Some(path);
        } else {
            sources.user = Some(path);
        }
        let layers = load(&sources).unwrap();
        assert!(layers.first_error().is_some(), "{line} was taken");
        for fault in &layers.faults {
            assert!(
                fault.problem().to_string().len() < 400,
                "{}: a fault is one line",
                case["id"]
            );
        }
        let untouched = layers
            .settings
            .values()
            .all(|setting| setting.origin.layer == Layer::Default);
        assert!(untouched, "{}: something of it was used", case["id"]);
        seen += 1;
    }
    assert!(seen >= 14, "{seen} cases");
}
