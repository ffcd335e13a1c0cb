//! Which models are chosen from which settings and keys.

use super::*;
use crate::base::money::TokenPrice;
use crate::boot::config::{Sources, load};
use crate::engine::agents::built_in_roles;

/// Tiers and their routes, or the problem; settings are given as flags.
fn chosen(flags: &[(&str, &str)], variables: &[(&str, &str)]) -> Result<Models, String> {
    let flags = flags
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let layers = load(&Sources {
        flags: flags.collect(),
        cores: 2,
        ..Sources::default()
    })
    .unwrap();
    assert_eq!(layers.faults, []);
    let settings = Settings::new(&layers).unwrap();
    let environment = Environment::of(variables.iter().copied());
    let team = built_in_roles();
    let choosing = Choosing {
        settings: &settings,
        layers: &layers,
        environment: &environment,
        team: &team,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime
        .block_on(choosing.models())
        .map_err(|problem| problem.to_string())
}

fn routes(models: &Models) -> Vec<String> {
    models
        .tiers
        .iter()
        .map(|(tier, choice)| format!("{tier} {}", choice.route))
        .collect()
}

const FAKE: (&str, &str) = ("providers.fake.base_url", "http://127.0.0.1:9/v1");

#[test]
fn the_providers_with_a_key_serve() {
    let models = chosen(&[], &[("OPENAI_API_KEY", "k")]).unwrap();
    assert_eq!(
        routes(&models),
        [
            "economy openai/gpt-6-luna",
            "standard openai/gpt-6-sol",
            "premium openai/gpt-6.1-sol"
        ]
    );
    assert!(models.can_cost() && models.notices.is_empty());
    let both = [("OPENAI_API_KEY", "k"), ("ANTHROPIC_API_KEY", "k")];
    let models = chosen(&[], &both).unwrap();
    assert_eq!(
        models.fallback().unwrap().route.to_string(),
        "anthropic/claude-sonnet-5-5"
    );
    assert_eq!(
        models.tiers[&Tier::Standard].price.input,
        TokenPrice(2_000_000)
    );
    let models = chosen(&[("models.default", "economy")], &both).unwrap();
    assert!(
        routes(&models)
            .iter()
            .all(|line| line.ends_with("anthropic/claude-haiku-5-5"))
    );
}

#[test]
fn what_a_person_names_has_to_work() {
    let own = ("models.standard", "fake/model-x");
    let models = chosen(&[FAKE, own], &[]).unwrap();
    assert_eq!(routes(&models), ["standard fake/model-x"]);
    assert!(!models.can_cost());
    for (flags, told) in [
        (vec![own], "the provider fake has no address"),
        (
            vec![("models.standard", "anthropic/claude-haiku-5-5")],
            "ANTHROPIC_API_KEY is not set: export",
        ),
        (
            vec![FAKE, own, ("providers.fake.key", "env:FAKE_KEY")],
            "FAKE_KEY is not set",
        ),
    ] {
        let problem = chosen(&flags, &[]).err().unwrap();
        assert!(problem.contains(told), "{problem}");
    }
}

#[test]
fn an_unknown_price_is_the_dearest_and_an_own_one_counts() {
    let remote = ("providers.fake.base_url", "https://models.invalid/v1");
    let own = ("models.standard", "fake/model-x");
    let models = chosen(&[remote, own], &[]).unwrap();
    let choice = &models.tiers[&Tier::Standard];
    assert_eq!(
        (choice.is_priced, choice.price),
        (false, PriceTable::embedded().dearest())
    );
    assert_eq!(models.notices.len(), 1);
}
