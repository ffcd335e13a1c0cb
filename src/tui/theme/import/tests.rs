//! One small file of each format, and what becomes of them.

use super::super::Token;
use super::super::shelf::{Design, Ink, Shelf};
use super::*;

const BASE16: &str = r##"
system: "base16"
name: "Small"
variant: "dark"
palette:
  base00: "1d1f21" # ground
  base01: "282a2e"
  base02: "373b41"
  base03: "969896"
  base04: "b4b7b4"
  base05: "c5c8c6"
  base06: "e0e0e0"
  base07: "ffffff"
  base08: "cc6666"
  base09: "de935f"
  base0A: "f0c674"
  base0B: "#b5bd68"
  base0C: '8abeb7'
  base0D: 81a2be
  base0E: "b294bb"
  base0F: "a3685a"
  base10: "000000"
"##;

const GHOSTTY: &str = "
# a theme
palette = 0=#1d1f21
palette = 1=#cc6666
palette = 2=#b5bd68
palette = 3=#f0c674
palette = 4=#81a2be
palette = 5=#b294bb
palette = 6=#8abeb7
palette = 7=#c5c8c6
palette = 8=#969896
palette = 200=#000000
background = 1d1f21
foreground = #c5c8c6
selection-background = #373b41
cursor-color = #ffffff
";

const KITTY: &str = "
background #1d1f21
foreground #c5c8c6
selection_background #373b41
color0 #1d1f21
color1 #cc6666
color2 #b5bd68
color3 #f0c674
color4 #81a2be
color5 #b294bb
color6 #8abeb7
color8 #969896
color200 #000000
font_size 12
";

const ALACRITTY: &str = r##"
[colors.primary]
background = "0x1d1f21"
foreground = "#c5c8c6"
[colors.selection]
background = "#373b41"
text = "CellForeground"
[colors.normal]
black = "#1d1f21"
red = "#cc6666"
green = "#b5bd68"
yellow = "#f0c674"
blue = "#81a2be"
magenta = "#b294bb"
cyan = "#8abeb7"
white = "#c5c8c6"
[colors.bright]
black = "#969896"
"##;

const HELIX: &str = r##"
inherits = "parent"
"comment" = { fg = "grey", modifiers = ["italic"] }
"keyword" = "purple"
"error" = "red"
[palette]
red = "#cc6666"
purple = "#b294bb"
"##;

const HELIX_PARENT: &str = r##"
"ui.background" = { bg = "ground" }
"ui.text" = "#c5c8c6"
"ui.selection" = { bg = "selected" }
"warning" = "yellow"
"info" = "blue"
"hint" = "cyan"
"diff.plus" = "green"
"error" = "yellow"
"function" = "#81a2beff"
[palette]
ground = "#1d1f21"
selected = "#373b41"
grey = "#969896"
yellow = "#f0c674"
green = "#b5bd68"
blue = "#81a2be"
cyan = "#8abeb7"
red = "#000000"
"##;

fn made(text: &str) -> (Format, Design) {
    let parent = |name: &str| (name == "parent").then(|| HELIX_PARENT.to_owned());
    let (format, theme) = import(("small.x", "small"), text, parent).unwrap();
    let design = Shelf::default().design_of("small.toml", &theme).unwrap();
    (format, design)
}

fn colours(design: &Design, tokens: &[Token]) -> Vec<String> {
    let colour = |token: &Token| design.look(*token).fg.and_then(Ink::rgb);
    let colours = tokens.iter().map(colour);
    colours
        .map(|colour| colour.map_or_else(String::new, Rgb::hex))
        .collect()
}

#[test]
fn every_format_becomes_the_same_theme() {
    for (text, expected) in [
        (BASE16, Format::Base16),
        (GHOSTTY, Format::Ghostty),
        (KITTY, Format::Kitty),
        (ALACRITTY, Format::Alacritty),
        (HELIX, Format::Helix),
    ] {
        let (format, design) = made(text);
        assert_eq!(format, expected);
        assert_eq!((design.name.as_str(), design.kind), ("small", Kind::Dark));
        assert_eq!(design.background, Rgb::parse("#1d1f21"), "{format:?}");
        let tokens = [
            Token::Text,
            Token::Dim,
            Token::SynComment,
            Token::Fail,
            Token::Need,
            Token::Ok,
            Token::Run,
            Token::Info,
            Token::Accent,
            Token::SynKeyword,
        ];
        assert_eq!(
            colours(&design, &tokens),
            [
                "#c5c8c6", "#969896", "#969896", "#cc6666", "#f0c674", "#b5bd68", "#8abeb7",
                "#81a2be", "#81a2be", "#b294bb"
            ],
            "{format:?}"
        );
        let selected = design.look(Token::SurfaceSelected).bg;
        let selected = selected.and_then(Ink::rgb);
        assert_eq!(selected, Rgb::parse("#373b41"), "{format:?}");
    }
    // Only base16 has an orange for risk.
    assert_eq!(colours(&made(BASE16).1, &[Token::Risk]), ["#de935f"]);
    assert_eq!(colours(&made(KITTY).1, &[Token::Risk]), ["#b294bb"]);
}

#[test]
fn a_light_file_becomes_a_light_theme() {
    let text = KITTY
        .replace("background #1d1f21", "background #ffffff")
        .replace("foreground #c5c8c6", "foreground #1d1f21");
    assert_eq!(made(&text).1.kind, Kind::Light);
}

#[test]
fn what_is_wrong_is_named() {
    let told = |text: &str| {
        let fault = import(("a.x", "a"), text, |_| None).unwrap_err();
        fault.to_string()
    };
    for (text, expected) in [
        (
            "hello".to_owned(),
            "a.x: the format is not known; known are base16 and base24 YAML, helix TOML, Ghostty, Alacritty TOML, kitty",
        ),
        (
            String::new(),
            "a.x: the format is not known; known are base16 and base24 YAML, helix TOML, Ghostty, Alacritty TOML, kitty",
        ),
        (
            BASE16.replace("\"cc6666\"", "\"red\""),
            "a.x:14:1: base08 is no colour such as #f38ba8",
        ),
        (
            BASE16.replace("base0F", "other"),
            "a.x: the file has no base0F",
        ),
        (
            GHOSTTY.replace("palette = 1=", "palette = 99="),
            "a.x: the file has no colour 1",
        ),
        (
            KITTY.replace("color1 #cc6666", "color1 red"),
            "a.x:6:1: color1 is no colour such as #f38ba8",
        ),
        (
            ALACRITTY.replace("\"#cc6666\"", "\"red\""),
            "a.x:10:1: red is no colour",
        ),
        (
            HELIX.to_owned(),
            "a.x: the theme inherits \"parent\"; put parent.toml beside it",
        ),
        (
            HELIX_PARENT.replace("\"warning\"", "\"worning\""),
            "a.x: the theme gives \"warning\" no colour of its own",
        ),
    ] {
        assert_eq!(told(&text), expected);
    }
}

#[test]
fn names_become_names_of_files() {
    for (name, expected) in [
        ("Tokyo Night (Storm)", "tokyo-night-storm"),
        ("../../etc/passwd", "etc-passwd"),
        ("catppuccin_mocha", "catppuccin-mocha"),
        ("世界", ""),
    ] {
        assert_eq!(slug(name), expected);
    }
}
