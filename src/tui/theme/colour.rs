//! Colours as numbers: nearest colours of smaller palettes, contrast, and how eyes of another kind see them. Pure.
//!
//! Distances are taken in `OKLab` (Björn Ottosson, 2020, <https://bottosson.github.io/posts/oklab>), where equal steps look
//! equal. Contrast is that of WCAG 2.1. Colour blindness is simulated with the matrices of Machado, Oliveira and Fernandes
//! (2009) for a full lack of one kind of cone.

use ratatui::style::Color;

/// A colour of 24 bits, sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rgb {
    /// Red.
    pub red: u8,
    /// Green.
    pub green: u8,
    /// Blue.
    pub blue: u8,
}

/// Lightness from 0 to 1, and two axes of colour around 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Oklab {
    /// How light.
    pub lightness: f64,
    /// Green to red.
    pub a: f64,
    /// Blue to yellow.
    pub b: f64,
}

/// How an eye sees colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vision {
    /// With all three kinds of cones.
    Full,
    /// Without those for long waves: red is dark.
    Protan,
    /// Without those for middle waves: the most common kind.
    Deutan,
    /// Without those for short waves.
    Tritan,
}

impl Vision {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Full, Self::Protan, Self::Deutan, Self::Tritan];

    /// Its name in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Protan => "protan",
            Self::Deutan => "deutan",
            Self::Tritan => "tritan",
        }
    }
}

impl Rgb {
    /// From its parts.
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue }
    }

    /// Reads `#rrggbb` or `#rgb`; the sign may be missing.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').unwrap_or(text);
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let number = u32::from_str_radix(digits, 16).ok()?;
        match digits.len() {
            6 => Some(Self::new(
                (number >> 16) as u8,
                (number >> 8) as u8,
                number as u8,
            )),
            3 => {
                let wide = |shift: u32| ((number >> shift & 0xf) * 0x11) as u8;
                Some(Self::new(wide(8), wide(4), wide(0)))
            }
            _ => None,
        }
    }

    /// As `#rrggbb`.
    pub fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }

    /// Its place among all colours.
    pub fn oklab(self) -> Oklab {
        oklab(self.linear())
    }

    /// The share of this and another colour, `part` of the other from 0 to 1, mixed in `OKLab`.
    #[must_use]
    pub fn mix(self, other: Self, part: f64) -> Self {
        let (one, two) = (self.oklab(), other.oklab());
        let between = |from: f64, to: f64| from + (to - from) * part;
        rgb(Oklab {
            lightness: between(one.lightness, two.lightness),
            a: between(one.a, two.a),
            b: between(one.b, two.b),
        })
    }

    /// How this colour looks to an eye.
    pub fn seen(self, vision: Vision) -> Oklab {
        let rows: [[f64; 3]; 3] = match vision {
            Vision::Full => return self.oklab(),
            Vision::Protan => [
                [0.152_286, 1.052_583, -0.204_868],
                [0.114_503, 0.786_281, 0.099_216],
                [-0.003_882, -0.048_116, 1.051_998],
            ],
            Vision::Deutan => [
                [0.367_322, 0.860_646, -0.227_968],
                [0.280_085, 0.672_501, 0.047_413],
                [-0.011_820, 0.042_940, 0.968_881],
            ],
            Vision::Tritan => [
                [1.255_528, -0.076_749, -0.178_779],
                [-0.078_411, 0.930_809, 0.147_602],
                [0.004_733, 0.691_367, 0.303_900],
            ],
        };
        let [red, green, blue] = self.linear();
        oklab(rows.map(|[r, g, b]| (r * red + g * green + b * blue).clamp(0.0, 1.0)))
    }

    /// How many times lighter the lighter of two colours is, from 1 to 21 (WCAG 2.1, "contrast ratio").
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// Light that it gives off, from 0 to 1 (WCAG 2.1, "relative luminance").
    pub fn luminance(self) -> f64 {
        let [red, green, blue] = self.linear();
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// The nearest colour of the palette of 256, among those that are the same on every terminal: the cube and the greys.
    pub fn indexed(self) -> u8 {
        let here = self.oklab();
        let far = |index: &u8| distance(here, xterm(*index).oklab());
        (16..=255)
            .min_by(|one, two| far(one).total_cmp(&far(two)))
            .unwrap_or(16)
    }

    /// The nearest of the terminal's own six colours; none if it is a grey, which is best shown as the default.
    pub fn basic(self) -> Option<Color> {
        // What these six look like is the person's choice; the usual ones tell which is meant.
        const USUAL: [(Rgb, Color); 6] = [
            (Rgb::new(205, 0, 0), Color::Red),
            (Rgb::new(0, 205, 0), Color::Green),
            (Rgb::new(225, 185, 0), Color::Yellow),
            (Rgb::new(60, 90, 230), Color::Blue),
            (Rgb::new(205, 0, 205), Color::Magenta),
            (Rgb::new(0, 205, 205), Color::Cyan),
        ];
        let here = self.oklab();
        if here.a.hypot(here.b) < 0.035 {
            return None;
        }
        // Hue decides: pastel and deep tones of one hue mean the same.
        let turn = |colour: Oklab| colour.b.atan2(colour.a);
        let apart = |other: Rgb| {
            let turned = (turn(here) - turn(other.oklab())).abs();
            turned.min(std::f64::consts::TAU - turned)
        };
        let nearest = USUAL
            .iter()
            .min_by(|(one, _), (two, _)| apart(*one).total_cmp(&apart(*two)));
        nearest.map(|(_, colour)| *colour)
    }

    fn linear(self) -> [f64; 3] {
        [self.red, self.green, self.blue].map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        })
    }
}

/// How far two colours are from one another; 0.02 is about what can just be told apart side by side.
pub fn distance(one: Oklab, two: Oklab) -> f64 {
    let (lightness, a, b) = (one.lightness - two.lightness, one.a - two.a, one.b - two.b);
    lightness.hypot(a).hypot(b)
}

/// What xterm shows for 16 to 255 of its palette; smaller numbers are the terminal's own and count as black.
pub fn xterm(index: u8) -> Rgb {
    match index {
        0..=15 => Rgb::new(0, 0, 0),
        16..=231 => {
            let step = |place: u8| match place % 6 {
                0 => 0,
                step => 55 + 40 * step,
            };
            let cube = index - 16;
            Rgb::new(step(cube / 36), step(cube / 6), step(cube))
        }
        232..=255 => {
            let grey = 8 + 10 * (index - 232);
            Rgb::new(grey, grey, grey)
        }
    }
}

fn oklab([red, green, blue]: [f64; 3]) -> Oklab {
    let long = 0.412_221_470_8 * red + 0.536_332_536_3 * green + 0.051_445_992_9 * blue;
    let middle = 0.211_903_498_2 * red + 0.680_699_545_1 * green + 0.107_396_956_6 * blue;
    let short = 0.088_302_461_9 * red + 0.281_718_837_6 * green + 0.629_978_700_5 * blue;
    let [long, middle, short] = [long, middle, short].map(f64::cbrt);
    Oklab {
        lightness: 0.210_454_255_3 * long + 0.793_617_785_0 * middle - 0.004_072_046_8 * short,
        a: 1.977_998_495_1 * long - 2.428_592_205_0 * middle + 0.450_593_709_9 * short,
        b: 0.025_904_037_1 * long + 0.782_771_766_2 * middle - 0.808_675_766_0 * short,
    }
}

fn rgb(colour: Oklab) -> Rgb {
    let Oklab { lightness, a, b } = colour;
    let long = lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b;
    let middle = lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b;
    let short = lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b;
    let [long, middle, short] = [long, middle, short].map(|cone| cone.powi(3));
    let parts = [
        4.076_741_662_1 * long - 3.307_711_591_3 * middle + 0.230_969_929_2 * short,
        -1.268_438_004_6 * long + 2.609_757_401_1 * middle - 0.341_319_396_5 * short,
        -0.004_196_086_3 * long - 0.703_418_614_7 * middle + 1.707_614_701_0 * short,
    ];
    let [red, green, blue] = parts.map(|part| {
        let part = part.clamp(0.0, 1.0);
        let curved = if part <= 0.003_130_8 {
            12.92 * part
        } else {
            1.055 * part.powf(1.0 / 2.4) - 0.055
        };
        (curved * 255.0).round() as u8
    });
    Rgb { red, green, blue }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hex(text: &str) -> Rgb {
        Rgb::parse(text).unwrap()
    }

    #[test]
    fn hexes_are_read() {
        assert_eq!(hex("#f38ba8"), Rgb::new(0xf3, 0x8b, 0xa8));
        assert_eq!(hex("F80"), Rgb::new(0xff, 0x88, 0));
        assert_eq!(hex("#f38ba8").hex(), "#f38ba8");
        for wrong in ["", "#", "#12345", "#1234567", "#gg0000", "red", "#+12345"] {
            assert_eq!(Rgb::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn contrast_is_that_of_the_web() {
        // Values of the WebAIM checker.
        for (one, two, expected) in [
            ("#000000", "#ffffff", 21.0),
            ("#777777", "#ffffff", 4.48),
            ("#839496", "#002b36", 4.75),
        ] {
            let seen = hex(one).contrast(hex(two));
            assert!((seen - expected).abs() < 0.01, "{one} on {two}: {seen}");
        }
    }

    #[test]
    fn oklab_has_the_published_values() {
        // Ottosson's table of XYZ pairs is for other input; sRGB red is (0.628, 0.225, 0.126), as CSS Color 4 prints it.
        let red = hex("#ff0000").oklab();
        assert!((red.lightness - 0.627_96).abs() < 1e-4);
        assert!((red.a - 0.224_86).abs() < 1e-4 && (red.b - 0.125_85).abs() < 1e-4);
        let white = hex("#ffffff").oklab();
        assert!((white.lightness - 1.0).abs() < 1e-4 && white.a.abs() < 1e-4);
    }

    #[test]
    fn the_palette_of_256_keeps_its_own_colours() {
        for index in 16..=255_u8 {
            let colour = xterm(index);
            assert_eq!(xterm(colour.indexed()), colour, "{index}");
        }
        assert_eq!(hex("#ff8700").indexed(), 208);
        assert_eq!(hex("#1c1c1d").indexed(), 234);
    }

    #[test]
    fn sixteen_colours_go_by_hue() {
        for (colour, expected) in [
            ("#f38ba8", Some(Color::Red)),
            ("#a6e3a1", Some(Color::Green)),
            ("#f9e2af", Some(Color::Yellow)),
            ("#89b4fa", Some(Color::Blue)),
            ("#cba6f7", Some(Color::Magenta)),
            ("#94e2d5", Some(Color::Cyan)),
            ("#dc322f", Some(Color::Red)),
            ("#586e75", None),
            ("#cdcdcd", None),
        ] {
            assert_eq!(hex(colour).basic(), expected, "{colour}");
        }
    }

    #[test]
    fn eyes_of_another_kind_confuse_what_they_should() {
        // Red and green of one lightness: far for most, near for deutans.
        let (red, green) = (hex("#c8503c"), hex("#6e8228"));
        let far = |vision| distance(red.seen(vision), green.seen(vision));
        assert!(far(Vision::Full) > 0.15 && far(Vision::Deutan) < 0.08);
        // Blue and yellow stay apart for them.
        let (blue, yellow) = (hex("#0072b2"), hex("#f0e442"));
        assert!(distance(blue.seen(Vision::Deutan), yellow.seen(Vision::Deutan)) > 0.4);
    }

    proptest! {
        #[test]
        fn mixing_stays_between(red: u8, green: u8, blue: u8) {
            let (one, two) = (Rgb::new(red, green, blue), Rgb::new(0, 0, 0));
            prop_assert_eq!(one.mix(two, 0.0), one);
            prop_assert_eq!(one.mix(two, 1.0), two);
        }

        #[test]
        fn hexes_go_round(red: u8, green: u8, blue: u8) {
            let colour = Rgb::new(red, green, blue);
            prop_assert_eq!(Rgb::parse(&colour.hex()), Some(colour));
        }
    }
}
