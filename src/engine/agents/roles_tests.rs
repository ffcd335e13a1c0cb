//! Tests of roles from files.

use super::*;

const NEW: &str = r#"key = "data"
name = "Ines"
title = "Data engineer"
charge = "moves data"
kind = "worker"
tools = ["finish", "read_file"]
tier = "standard"
prompt = "You are Ines."
"#;

fn merge(text: &str) -> Result<Vec<Role>, BadRole> {
    merge_team(built_in_roles(), &[("x.toml".to_owned(), text.to_owned())])
}

fn why(text: &str) -> String {
    merge(text).unwrap_err().to_string()
}

#[test]
fn the_built_in_files_are_read_whole() {
    let roles = built_in_roles();
    let seen: Vec<_> = roles
        .iter()
        .map(|role| (role.key.as_str(), role.name.as_str(), role.kind, role.tier))
        .collect();
    assert_eq!(
        seen,
        [
            ("cto", "Sarah", RoleKind::Planner, Tier::Premium),
            ("frontend", "Alex", RoleKind::Worker, Tier::Standard),
            ("backend", "Marcus", RoleKind::Worker, Tier::Standard),
            ("qa", "Sam", RoleKind::Judge, Tier::Standard),
            ("devops", "Jordan", RoleKind::Worker, Tier::Economy),
        ]
    );
    for (file, text) in BUILT_IN {
        read(file, text, &[]).unwrap();
    }
    for role in &roles {
        assert!(role.tools.is_sorted(), "{}", role.key);
    }
}

#[test]
fn a_file_changes_what_it_names_and_no_more() {
    let team = merge("key = \"backend\"\ntier = \"premium\"\n").unwrap();
    let backend = team.iter().find(|role| role.key == "backend").unwrap();
    assert_eq!(
        (backend.tier, backend.name.as_str()),
        (Tier::Premium, "Marcus")
    );
    assert_eq!(team.len(), 5);
}

#[test]
fn a_new_key_adds_a_role() {
    let team = merge(NEW).unwrap();
    let data = team.last().unwrap();
    assert_eq!(data.key, "data");
    assert_eq!(data.tools, [ToolName::ReadFile, ToolName::Finish]);
    let renamed = NEW.replace("Ines", "Zoë O'Neill");
    assert_eq!(merge(&renamed).unwrap().last().unwrap().name, "Zoë O'Neill");
}

#[test]
fn mistakes_are_named_with_their_place() {
    let cases = [
        (
            NEW.replace("charge", "charg"),
            "x.toml:4:1: unknown field `charg`",
        ),
        (
            NEW.replace("tier = \"standard\"\n", ""),
            "x.toml:1:7: a new role needs the field `tier`",
        ),
        (
            NEW.replace("\"finish\"", "\"verdict\""),
            "x.toml:6:10: a worker may not have the tool verdict",
        ),
        (
            NEW.replace("\"finish\"", "\"propose_plan\""),
            "x.toml:6:10: a worker may not have the tool propose_plan",
        ),
        (
            NEW.replace("\"finish\"", "\"read_file\""),
            "x.toml:6:23: the tool read_file is named twice",
        ),
        (
            NEW.replace("\"finish\", ", ""),
            "x.toml:6:9: a worker cannot end its work without the tool finish",
        ),
        (
            NEW.replace("\"finish\"", "\"rm\""),
            "x.toml:6:10: unknown variant `rm`",
        ),
        (
            NEW.replace("\"data\"", "\"Data\""),
            "x.toml:1:7: a key is a letter",
        ),
        (
            NEW.replace("\"data\"", "\"human\""),
            "x.toml:1:7: the key `human` is reserved",
        ),
        (
            NEW.replace("Ines\"\n", "Sam\"\n"),
            "x.toml:2:8: the role `qa` is called Sam already",
        ),
        (
            NEW.replace("\"standard\"", "\"huge\""),
            "x.toml:7:8: unknown variant `huge`",
        ),
        ("key = ".to_owned(), "x.toml:1:"),
        (
            "key = \"qa\"\nkind = \"worker\"\n".to_owned(),
            "x.toml:1:7: the field `tools` is needed here",
        ),
    ];
    for (text, expected) in cases {
        let found = why(&text);
        assert!(found.starts_with(expected), "{found}\nexpected {expected}");
    }
}

#[test]
fn names_of_people_and_their_look_alikes_are_refused() {
    let names = [
        "Owner",
        "owner",
        "OWNER",
        "0wner",
        "Оwner",
        "Human",
        "Нuman",
        "Hum4n",
        "User",
        "User 2",
        "You",
        "Ｙou\u{200b}",
        "ｙｏｕ",
        "System",
        "S y s t e m",
        "Root",
        "A.I.O.S",
        "the Owner",
        "Admin",
        "Owner (you)",
        "Ow\u{200d}ner",
        "\u{202e}renwO",
        "",
        "7even",
        "Everyone",
    ];
    for name in names {
        let found = why(&NEW.replacen("Ines", name, 1));
        assert!(found.starts_with("x.toml:2:8: "), "{name}: {found}");
    }
}

/// The persona cases of the public corpus, in the form of our files.
#[test]
fn hostile_personas_are_refused() {
    let with = |line: &str| format!("{NEW}{line}\n");
    let cases = [
        (
            NEW.replace("You are Ines.", "{{env.ANTHROPIC_API_KEY}}"),
            "a prompt is plain text",
        ),
        (
            with(&format!("title = \"{}\"", "x".repeat(3_000_000))),
            "larger than 64 KiB",
        ),
        (
            NEW.replace("You are Ines.", &"x".repeat(9_000)),
            "the prompt is larger than 8 KiB",
        ),
        (
            with("include = \"https://127.0.0.1:1/p.md\""),
            "unknown field `include`",
        ),
        (with("temperature = -3"), "unknown field `temperature`"),
        (with("can_approve = true"), "unknown field `can_approve`"),
        (with("avatar = \"x\""), "unknown field `avatar`"),
        (with("name = \"admin\""), "duplicate key"),
    ];
    for (text, expected) in cases {
        let found = why(&text);
        assert!(found.contains(expected), "{found}\nexpected {expected}");
    }
}

#[test]
fn a_team_needs_every_kind() {
    let text = "key = \"cto\"\nkind = \"worker\"\ntools = [\"finish\"]\n";
    assert_eq!(why(text), "the team has no planner");
}

#[test]
fn a_folder_is_read_in_the_order_of_names() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(
        load_team(&dir.path().join("none")).unwrap(),
        built_in_roles()
    );
    fs::write(
        dir.path().join("b.toml"),
        "key = \"qa\"\ntier = \"economy\"\n",
    )
    .unwrap();
    fs::write(
        dir.path().join("a.toml"),
        "key = \"qa\"\ntier = \"premium\"\n",
    )
    .unwrap();
    fs::write(dir.path().join("notes.md"), "not a role").unwrap();
    let team = load_team(dir.path()).unwrap();
    let qa = team.iter().find(|role| role.key == "qa").unwrap();
    assert_eq!(qa.tier, Tier::Economy);
    fs::create_dir(dir.path().join("c.toml")).unwrap();
    let error = load_team(dir.path()).unwrap_err().to_string();
    assert!(
        error.ends_with("c.toml: not a plain file of at most 64 KiB"),
        "{error}"
    );
}
