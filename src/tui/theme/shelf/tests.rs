//! Themes as they are shipped and as people write them.

use ratatui::style::Style;

use super::*;

fn theme(name: &str, depth: Depth) -> Theme {
    Shelf::default().design(name).unwrap().at(depth).unwrap()
}

#[test]
fn every_shipped_theme_is_whole_at_every_depth() {
    let shelf = Shelf::default();
    assert_eq!(shelf.names().len(), 22);
    for name in shelf.names() {
        let design = shelf.design(name).unwrap();
        assert_eq!(design.name, name, "the file's name is the theme's");
        if let Some(pair) = &design.pair {
            let other = shelf.design(pair).unwrap();
            assert_eq!(other.pair.as_deref(), Some(name), "pairs go both ways");
            assert_ne!(other.kind, design.kind, "{name}");
        }
        assert_eq!(
            design.background.is_some(),
            design.kind != Kind::Any,
            "{name}"
        );
        for depth in [Depth::Mono, Depth::Sixteen, Depth::Indexed, Depth::True] {
            let theme = design.at(depth).unwrap();
            assert_eq!(theme.styles.len(), Token::ALL.len(), "{name}");
            let allowed = |colour: Option<Color>| match (colour, depth) {
                (None, _) => true,
                (Some(Color::Rgb(..)), Depth::True) => name != "terminal",
                (Some(Color::Indexed(index)), Depth::Indexed) => index >= 16,
                (Some(Color::Rgb(..) | Color::Indexed(_)), _) | (_, Depth::Mono) => false,
                // The sixteen: 1 to 7, and black as a ground alone.
                (Some(colour), _) => {
                    file::terminal_names().any(|name| file::terminal(name) == Some(colour))
                }
            };
            for style in &theme.styles {
                assert!(allowed(style.fg) && allowed(style.bg), "{name} {depth:?}");
            }
        }
    }
}

#[test]
fn shipped_heads_say_where_the_colours_come_from() {
    for (name, text) in BUILT_IN {
        let head: Vec<&str> = text
            .lines()
            .take_while(|line| line.starts_with('#'))
            .collect();
        let head = head.join(" ");
        assert!(
            ["MIT", "Apache-2.0", "free to use"]
                .iter()
                .any(|licence| head.contains(licence)),
            "{name}: {head}"
        );
    }
}

#[test]
fn sixteen_colours_are_the_same_in_every_shipped_theme() {
    let usual = theme("terminal", Depth::Sixteen);
    for name in Shelf::default().names() {
        if name != "mono" {
            let other = theme(name, Depth::Sixteen);
            for (token, known) in Token::ALL {
                assert_eq!(other.style(token), usual.style(token), "{name} {known}");
            }
        }
    }
}

#[test]
fn without_colours_nothing_but_attributes_is_left() {
    for name in ["terminal", "nord", "mono"] {
        let theme = theme(name, Depth::Mono);
        assert_eq!(theme.name, name);
        assert!(
            theme
                .styles
                .iter()
                .all(|style| style.fg.is_none() && style.bg.is_none())
        );
        let reverse = Style::new().add_modifier(Modifier::REVERSED);
        assert_eq!(theme.style(Token::SurfaceSelected), reverse, "{name}");
    }
}

#[test]
fn what_differs_in_meaning_differs_in_look() {
    for depth in [Depth::Sixteen, Depth::Indexed, Depth::True] {
        for name in Shelf::default().names() {
            let theme = theme(name, depth);
            let looks: Vec<Style> = [Token::Ok, Token::Fail, Token::Need, Token::Risk]
                .into_iter()
                .map(|token| theme.style(token))
                .collect();
            for (place, look) in looks.iter().enumerate() {
                let is_new = !looks[..place].contains(look);
                assert!(is_new || name == "mono", "{name} {depth:?} {place}");
            }
        }
    }
}

#[test]
fn colours_are_fitted_to_the_terminal() {
    let mut shelf = Shelf::default();
    let text = r##"
name = "mine"
inherits = "terminal"
[palette]
sand = "#ffaf5f"
warm = "sand"
[tokens]
need = { fg = "warm", bold = true, ansi16 = "magenta underline" }
ok = "sand"
risk = { bg = "#402020" }
cursor = { bg = "sand" }
"##;
    shelf.add("mine", "mine.toml", text);
    assert!(shelf.is_own("mine") && shelf.names().contains(&"mine"));
    let design = shelf.design("mine").unwrap();
    let style = |depth, token| design.at(depth).unwrap().style(token);
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let sand = Color::Rgb(0xff, 0xaf, 0x5f);
    assert_eq!(style(Depth::True, Token::Need), bold.fg(sand));
    assert_eq!(
        style(Depth::Indexed, Token::Need),
        bold.fg(Color::Indexed(215))
    );
    assert_eq!(
        style(Depth::Sixteen, Token::Need),
        bold.fg(Color::Magenta).add_modifier(Modifier::UNDERLINED)
    );
    // Without a word about sixteen colours: the nearest hue, no grounds, reverse where something must be seen.
    assert_eq!(style(Depth::Sixteen, Token::Ok).fg, Some(Color::Yellow));
    assert_eq!(style(Depth::Sixteen, Token::Risk), Style::new());
    assert_eq!(
        style(Depth::Sixteen, Token::Cursor),
        Style::new().add_modifier(Modifier::REVERSED)
    );
    // The rest is inherited.
    assert_eq!(style(Depth::True, Token::Fail).fg, Some(Color::Red));
}

#[test]
fn a_theme_of_ones_own_can_change_one_that_is_shipped() {
    let mut shelf = Shelf::default();
    let text = "name = \"nord\"\ninherits = \"nord\"\n[palette]\nfail = \"#ff0000\"\n";
    shelf.add("nord", "/home/me/nord.toml", text);
    let design = shelf.design("nord").unwrap();
    assert_eq!(
        design.look(Token::Fail).fg,
        Some(Ink::Rgb(Rgb::new(255, 0, 0)))
    );
    assert_eq!(
        design.background,
        Shelf::default().design("nord").unwrap().background
    );
    assert_eq!(shelf.names().len(), 22);
}

#[test]
fn faults_name_the_place_and_what_was_perhaps_meant() {
    for (text, expected) in [
        (
            "name = ",
            "my.toml:1:8: string values must be quoted, expected literal string",
        ),
        (
            "[tokens]\n",
            "my.toml:1:1: the theme has no name; begin the file with name = \"…\"",
        ),
        ("name = 3", "my.toml:1:8: the name must be a text in quotes"),
        (
            "nam = \"x\"",
            "my.toml:1:1: there is no key \"nam\"; perhaps \"name\"",
        ),
        (
            "name = \"x\"\nkind = \"drak\"",
            "my.toml:2:8: the kind must be dark, light or any",
        ),
        (
            "name = \"x\"\ninherits = \"nrod\"",
            "my.toml:2:12: there is no theme \"nrod\" to inherit; perhaps \"nord\"",
        ),
        (
            "name = \"x\"\n[tokens]\nok = \"gren\"\ninherits = \"nord\"",
            "my.toml:4:1: there is no token \"inherits\"",
        ),
        (
            "name = \"x\"\ninherits = \"nord\"\n[tokens]\n  \"surface.rised\" = {}",
            "my.toml:4:3: there is no token \"surface.rised\"; perhaps \"surface.raised\"",
        ),
        (
            "name = \"x\"\ninherits = \"nord\"\n[tokens]\nok = { fg = \"acent\" }",
            "my.toml:4:13: there is no colour \"acent\"; perhaps \"accent\"",
        ),
        (
            "name = \"x\"\ninherits = \"nord\"\n[tokens]\nok = { fg = \"#12345\" }",
            "my.toml:4:13: \"#12345\" is no colour such as #f38ba8",
        ),
        (
            "name = \"x\"\ninherits = \"nord\"\n[palette]\nok = \"a\"\na = \"ok\"",
            "my.toml:5:5: the colour \"ok\" is named after itself",
        ),
        (
            "name = \"x\"\ninherits = \"nord\"\n[tokens]\nok = { bolt = true }",
            "my.toml:4:8: there is no part of a look \"bolt\"; perhaps \"bold\"",
        ),
        (
            "name = \"x\"\ninherits = \"nord\"\n[tokens]\nok = { bold = 1 }",
            "my.toml:4:15: bold must be true or false",
        ),
        (
            "name = \"x\"\ninherits = \"nord\"\n[tokens]\nok = { ansi16 = \"grene\" }",
            "my.toml:4:17: \"grene\" is none of the sixteen colours that can be used; perhaps \"green\"",
        ),
        (
            "name = \"x\"\n[tokens]\ntext = \"red\"",
            "my.toml: the theme says nothing about dim; name it under [tokens], or set inherits = \"base\"",
        ),
    ] {
        let fault = Shelf::default().design_of("my.toml", text).unwrap_err();
        assert_eq!(fault.to_string(), expected);
    }
    let fault = Shelf::default().design("catpuccin-mocha").unwrap_err();
    assert_eq!(
        fault.to_string(),
        "themes: there is no theme \"catpuccin-mocha\"; perhaps \"catppuccin-mocha\""
    );
    assert!(Shelf::default().design("base").is_err());
}

#[test]
fn circles_are_found() {
    let mut shelf = Shelf::default();
    shelf.add("a", "a.toml", "name = \"a\"\ninherits = \"b\"");
    shelf.add("b", "b.toml", "name = \"b\"\ninherits = \"a\"");
    assert_eq!(
        shelf.design("a").unwrap_err().to_string(),
        "b.toml:2:12: the theme inherits itself by way of \"a\"; perhaps \"a\""
    );
    for number in 0..9 {
        let text = format!("name = \"{number}\"\ninherits = \"{}\"", number + 1);
        shelf.add(&number.to_string(), &format!("{number}.toml"), &text);
    }
    let fault = shelf.design("0").unwrap_err();
    assert_eq!(fault.what, "the theme inherits too many others");
}
