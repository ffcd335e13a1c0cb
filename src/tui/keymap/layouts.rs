//! Keyboards of other scripts: which key of an English keyboard stands at the place of a letter, so that commands work without
//! changing the layout. Of texts nothing is translated.

/// The keys of an English keyboard, row by row, without and with Shift.
const LATIN: &str = "qwertyuiop[]asdfghjkl;'zxcvbnm,./";
const LATIN_SHIFT: &str = "QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>?";

/// A layout. Its rows hold the same keys as those of the English one; `_` is a key that types nothing of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Its name in key files: a language.
    pub name: &'static str,
    rows: &'static str,
    /// With Shift, where that is not the capital letter.
    shifted: &'static str,
}

/// The layouts that are known, as their standards or the most common system has them: the Bulgarian one is BDS, the
/// Armenian one the phonetic, the Korean one Dubeolsik, the Thai one Kedmanee.
pub const LAYOUTS: [Layout; 12] = [
    layout("ru", "йцукенгшщзхъфывапролджэячсмитьбю_", ""),
    layout("uk", "йцукенгшщзхїфівапролджєячсмитьбю_", ""),
    layout("be", "йцукенгшўзх_фывапролджэячсмітьбю_", ""),
    layout("bg", "_уеишщксдзц_ьяаожгтнвмчюйъэфхпрлб", ""),
    layout("sr", "љњертзуиопшђасдфгхјклчћѕџцвбнм___", ""),
    layout("el", "_ςερτυθιοπ__ασδφγηξκλ__ζχψωβνμ___", ""),
    layout(
        "he",
        "__\u{5e7}\u{5e8}\u{5d0}\u{5d8}\u{5d5}\u{5df}\u{5dd}\u{5e4}__\u{5e9}\u{5d3}\u{5d2}\u{5db}\u{5e2}\u{5d9}\u{5d7}\u{5dc}\u{5da}\u{5e3}_\u{5d6}\u{5e1}\u{5d1}\u{5d4}\u{5e0}\u{5de}\u{5e6}\u{5ea}\u{5e5}_",
        "",
    ),
    layout(
        "ar",
        "\u{636}\u{635}\u{62b}\u{642}\u{641}\u{63a}\u{639}\u{647}\u{62e}\u{62d}\u{62c}\u{62f}\u{634}\u{633}\u{64a}\u{628}\u{644}\u{627}\u{62a}\u{646}\u{645}\u{643}\u{637}\u{626}\u{621}\u{624}\u{631}\u{fefb}\u{649}\u{629}\u{648}\u{632}\u{638}",
        "\u{64e}\u{64b}\u{64f}\u{64c}\u{fef9}\u{625}______\u{650}\u{64d}__\u{fef7}\u{623}\u{640}_____\u{652}__\u{fef5}\u{622}____",
    ),
    layout("hy", "քոեռտըւիօպխծասդֆգհճկլ__զղցվբնմ___", ""),
    layout(
        "ka",
        "ქწერტყუიოპ__ასდფგჰჯკლ__ზხცვბნმ___",
        "_ჭ_ღთ________შ____ჟ____ძ_ჩ_______",
    ),
    layout(
        "th",
        "\u{e46}\u{e44}\u{e33}พ\u{e30}\u{e31}\u{e35}รนยบลฟหกด\u{e40}\u{e49}\u{e48}\u{e32}สวงผป\u{e41}อ\u{e34}\u{e37}ทม\u{e43}ฝ",
        "๐_ฎฑธ\u{e4d}\u{e4a}ณฯญฐ_ฤฆฏ\u{e42}ฌ\u{e47}\u{e4b}ษศซ___ฉฮ\u{e3a}\u{e4c}_ฒฬฦ",
    ),
    layout(
        "ko",
        "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ__ㅁㄴㅇㄹㅎㅗㅓㅏㅣ__ㅋㅌㅊㅍㅠㅜㅡ___",
        "ㅃㅉㄸㄲㅆ___ㅒㅖ_______________________",
    ),
];

const fn layout(name: &'static str, rows: &'static str, shifted: &'static str) -> Layout {
    Layout {
        name,
        rows,
        shifted,
    }
}

/// The layout of that name.
pub fn named(name: &str) -> Option<&'static Layout> {
    LAYOUTS.iter().find(|layout| layout.name == name)
}

impl Layout {
    /// The English key at the place of a character; none for characters that the layout does not have.
    pub fn latin(&self, character: char) -> Option<char> {
        if character.is_ascii() {
            return None; // It stands for itself.
        }
        let find = |rows: &str, latin: &str, character: char| {
            let place = rows.chars().position(|known| known == character)?;
            latin.chars().nth(place)
        };
        let plain = find(self.rows, LATIN, character);
        let shifted = || find(self.shifted, LATIN_SHIFT, character);
        let capital = || {
            let mut small = character.to_lowercase();
            let small = small.next().filter(|small| *small != character)?;
            find(self.rows, LATIN_SHIFT, small)
        };
        plain.or_else(shifted).or_else(capital)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_every_key_and_no_letter_twice() {
        let keys = LATIN.chars().count();
        assert_eq!(LATIN_SHIFT.chars().count(), keys);
        for layout in LAYOUTS {
            assert_eq!(layout.rows.chars().count(), keys, "{}", layout.name);
            let shifted = layout.shifted.chars().count();
            assert!(shifted == 0 || shifted == keys, "{}", layout.name);
            let mut letters: Vec<char> =
                layout.rows.chars().chain(layout.shifted.chars()).collect();
            letters.retain(|letter| *letter != '_');
            assert!(
                letters.iter().all(|letter| !letter.is_ascii()),
                "{}",
                layout.name
            );
            let count = letters.len();
            letters.sort_unstable();
            letters.dedup();
            assert_eq!(letters.len(), count, "{}", layout.name);
        }
    }

    #[test]
    fn letters_by_their_place() {
        for (layout, letters, latin) in [
            ("ru", "цфыЦФ", "wasWA"),
            ("uk", "ціЄ", "ws\""),
            ("el", "ςασΑΣ", "wasAS"),
            ("bg", "уьяУ", "wasW"),
            ("he", "שדג", "asd"),
            ("th", "ไฟหโ", "wasF"),
            ("ko", "ㅈㅁㄴㅃ", "wasQ"),
            ("ka", "წასჭ", "wasW"),
        ] {
            let layout = named(layout).unwrap();
            let found: Option<String> =
                letters.chars().map(|letter| layout.latin(letter)).collect();
            assert_eq!(found.as_deref(), Some(latin), "{}", layout.name);
        }
        assert_eq!(named("ru").unwrap().latin('_'), None);
        assert!(named("fr").is_none());
    }
}
