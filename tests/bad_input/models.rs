//! Keys, models and the servers behind them.

use std::net::TcpStream;
use std::time::Duration;

use crate::bench::{Bench, RUN};
use crate::needs;
use crate::row::{Row, run};

/// The usual ports of local servers.
const PORTS: [u16; 4] = [11434, 8080, 8000, 1234];

/// The user's settings with one text in place of another.
fn with(bench: &Bench, old: &str, new: &str) {
    let file = bench.home().join(".config/aios/config.toml");
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(old), "{text}");
    bench.config(&text.replace(old, new));
}

pub(crate) fn rows() -> Vec<Row> {
    let parts = [keys_and_models(), money(), local_servers()];
    parts.into_iter().flatten().collect()
}

fn keys_and_models() -> Vec<Row> {
    vec![
        Row::refused("a wrong key", 6, "E-KEY-01", &["fake"], |bench| {
            let mut command = run(bench);
            command.env("FAKE_KEY", "another-key-altogether");
            command
        })
        .then(|bench, ran| {
            assert!(
                !ran.err.contains("another-key"),
                "the key is shown: {}",
                ran.err
            );
            assert_eq!(bench.fake.calls(), 0);
            bench.run(&[]).ends(0);
        }),
        Row::refused(
            "a key that is not set",
            6,
            "E-KEY-02",
            &["FAKE_KEY is not set", "export FAKE_KEY"],
            |bench| {
                let mut command = run(bench);
                command.env_remove("FAKE_KEY");
                command
            },
        ),
        Row::ends(
            "an unknown model",
            6,
            "E-MODEL-01",
            &["model-z", "models.standard"],
            |bench| {
                with(bench, "fake/model-x", "fake/model-z");
                run(bench)
            },
        )
        .then(|bench, _| {
            with(bench, "fake/model-z", "fake/model-x");
            bench.run(&[]).ends(0);
        }),
        Row::refused(
            "a server that is not there",
            6,
            "E-MODEL-02",
            &["fake"],
            |bench| {
                let port = bench.fake.server().port();
                with(bench, &format!(":{port}"), ":1");
                run(bench)
            },
        ),
        Row::refused(
            "a provider without an address",
            3,
            "E-CONF-03",
            &["models.standard", "providers.nobody.base_url"],
            |bench| {
                with(bench, "standard = \"fake/", "standard = \"nobody/");
                run(bench)
            },
        ),
    ]
}

fn money() -> Vec<Row> {
    vec![
        Row::ends(
            "a budget below the first call",
            5,
            "E-BUDGET-01",
            &["the next call may cost"],
            |bench| {
                let mut words = RUN;
                words[3] = "--budget=0.001";
                bench.command(&words)
            },
        )
        .then(|bench, _| {
            assert_eq!(bench.fake.calls(), 0);
            bench.run(&[]).ends(0);
        }),
        Row::goes_on(
            "a model without a price",
            &["fake/model-x has no known price", "[prices]"],
            |bench| {
                with(
                    bench,
                    "[prices.\"fake/model-x\"]\ninput = \"1\"\noutput = \"10\"\n",
                    "",
                );
                let mut words = RUN;
                words[3] = "--budget=50";
                bench.command(&words)
            },
        ),
    ]
}

fn local_servers() -> Vec<Row> {
    let answers = PORTS.iter().any(|port| {
        let address = ([127, 0, 0, 1], *port).into();
        TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_ok()
    });
    let mut rows = Vec::new();
    // A developer's own model server on a usual port would be used, as it should be.
    if needs::has(
        "free-ports",
        !answers,
        "the row: no key and no local server",
    ) {
        rows.push(Row::refused(
            "no key and no local server",
            6,
            "E-KEY-02",
            &["set ANTHROPIC_API_KEY or OPENAI_API_KEY, start a local server, or try aios demo"],
            |bench| {
                bench.config("");
                run(bench)
            },
        ));
    }
    rows
}
