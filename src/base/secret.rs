//! Values that must not be shown, and the filter that takes them out of texts. Where secrets are kept and read from is not
//! decided here.

use std::collections::BTreeMap;
use std::fmt;

/// What a secret prints as.
const SHOWN: &str = "⟦secret⟧";

/// Values shorter than this are not looked for: they would be found everywhere.
const SHORTEST: usize = 6;

/// Patterns are found by so many first bytes.
const HEAD: usize = 4;

/// A value that can overwrite itself.
pub trait Wipe {
    /// Overwrites the value as far as it is still reachable. Copies made before are not found.
    fn wipe(&mut self);
}

impl Wipe for Vec<u8> {
    fn wipe(&mut self) {
        self.fill(0);
        // Keeps the compiler from leaving out writes that nothing reads.
        std::hint::black_box(&self);
        self.clear();
    }
}

impl Wipe for String {
    fn wipe(&mut self) {
        std::mem::take(self).into_bytes().wipe();
    }
}

/// A value that prints as `⟦secret⟧`, cannot be serialised, and is overwritten when it is dropped.
#[derive(Clone)]
pub struct Secret<T: Wipe>(T);

impl<T: Wipe> Secret<T> {
    /// Hides a value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself: for the one place that sends it where it belongs.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Wipe> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SHOWN)
    }
}

impl<T: Wipe> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SHOWN)
    }
}

impl<T: Wipe> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.wipe();
    }
}

/// One written form of a secret and what stands for it.
struct Pattern {
    written: Secret<Vec<u8>>,
    placeholder: String,
}

/// Replaces known secrets by placeholders and back.
///
/// The plain value becomes `⟦secret:NAME⟧`. Its encoded forms name the encoding, as in `⟦secret:NAME:hex⟧`, so that
/// [`Redactor::restore`] gives back exactly what stood there.
pub struct Redactor {
    /// By their first bytes; within one head the longest first.
    patterns: BTreeMap<[u8; HEAD], Vec<Pattern>>,
    /// Which bytes a pattern begins with: most bytes of a text need no further look.
    firsts: [bool; 256],
}

impl Redactor {
    /// Learns the forms of the named secrets. Values under 6 bytes are ignored.
    #[must_use]
    pub fn new<'a>(secrets: impl IntoIterator<Item = (&'a str, &'a Secret<String>)>) -> Self {
        let mut redactor = Self {
            patterns: BTreeMap::new(),
            firsts: [false; 256],
        };
        for (name, secret) in secrets {
            if secret.expose().len() >= SHORTEST {
                redactor.learn(name, secret.expose());
            }
        }
        for patterns in redactor.patterns.values_mut() {
            patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.written.expose().len()));
        }
        redactor
    }

    /// Replaces every known secret.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        // Patterns are whole characters, so that cutting them out leaves whole characters.
        String::from_utf8_lossy(&self.redact_bytes(text.as_bytes())).into_owned()
    }

    /// Replaces every known secret in bytes of any encoding.
    #[must_use]
    pub fn redact_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        let mut rest = bytes;
        while let Some((first, after)) = rest.split_first() {
            if let Some((placeholder, behind)) = self.pattern_at(rest) {
                out.extend_from_slice(placeholder.as_bytes());
                rest = behind;
            } else {
                out.push(*first);
                rest = after;
            }
        }
        out
    }

    /// Puts the values back where their placeholders stand; unknown placeholders stay.
    #[must_use]
    pub fn restore(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("⟦secret:") {
            out.push_str(before);
            let known = behind
                .split_once('⟧')
                .and_then(|(name, after)| Some((self.written_for(name)?, after)));
            if let Some((written, after)) = known {
                out.push_str(&String::from_utf8_lossy(written));
                rest = after;
            } else {
                out.push_str("⟦secret:");
                rest = behind;
            }
        }
        out.push_str(rest);
        out
    }

    fn learn(&mut self, name: &str, value: &str) {
        self.add(name, "", value.as_bytes().to_vec());
        for (at, line) in value.lines().enumerate() {
            // A key of several lines is found in a diff, too, where its lines stand apart.
            if line.len() >= 16 && line.len() < value.len() && !line.starts_with("-----") {
                self.add(name, &format!(":line{}", at + 1), line.as_bytes().to_vec());
            }
        }
        self.add(name, ":hex", hex(value, b"0123456789abcdef"));
        self.add(name, ":HEX", hex(value, b"0123456789ABCDEF"));
        self.add(name, ":url", percent(value, b"0123456789ABCDEF"));
        self.add(name, ":url-lower", percent(value, b"0123456789abcdef"));
        if let Ok(quoted) = serde_json::to_string(value) {
            let inner = quoted.get(1..quoted.len().saturating_sub(1));
            self.add(name, ":json", inner.unwrap_or_default().as_bytes().to_vec());
        }
        for (tag, digits) in [("base64", BASE64), ("base64url", BASE64_URL)] {
            for before in 0..3 {
                let tag = format!(":{tag}+{before}");
                self.add(name, &tag, base64_core(value.as_bytes(), before, digits));
            }
        }
    }

    fn add(&mut self, name: &str, tag: &str, written: Vec<u8>) {
        let Some(head) = written.first_chunk::<HEAD>().copied() else {
            return;
        };
        if let Some(first) = self.firsts.get_mut(usize::from(head[0])) {
            *first = true;
        }
        let patterns = self.patterns.entry(head).or_default();
        let is_known = |pattern: &Pattern| *pattern.written.expose() == written;
        if written.len() >= SHORTEST && !patterns.iter().any(is_known) {
            patterns.push(Pattern {
                written: Secret::new(written),
                placeholder: format!("⟦secret:{name}{tag}⟧"),
            });
        }
    }

    fn pattern_at<'b>(&self, bytes: &'b [u8]) -> Option<(&str, &'b [u8])> {
        let head = bytes.first_chunk::<HEAD>()?;
        self.firsts
            .get(usize::from(head[0]))
            .filter(|first| **first)?;
        let patterns = self.patterns.get(head)?;
        patterns.iter().find_map(|pattern| {
            let behind = bytes.strip_prefix(pattern.written.expose().as_slice())?;
            Some((pattern.placeholder.as_str(), behind))
        })
    }

    fn written_for(&self, name: &str) -> Option<&[u8]> {
        let placeholder = format!("⟦secret:{name}⟧");
        let mut patterns = self.patterns.values().flatten();
        patterns
            .find(|pattern| pattern.placeholder == placeholder)
            .map(|pattern| pattern.written.expose().as_slice())
    }
}

/// Shows how many forms are known, and none of them.
impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let forms: usize = self.patterns.values().map(Vec::len).sum();
        write!(f, "Redactor({forms} forms)")
    }
}

fn digit(digits: &[u8], at: u32) -> u8 {
    digits.get(at as usize).copied().unwrap_or(b'?')
}

fn hex(value: &str, digits: &[u8; 16]) -> Vec<u8> {
    value
        .bytes()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|half| digit(digits, u32::from(half)))
        .collect()
}

fn percent(value: &str, digits: &[u8; 16]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(byte);
        } else {
            out.push(b'%');
            out.extend([byte >> 4, byte & 15].map(|half| digit(digits, u32::from(half))));
        }
    }
    out
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE64_URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The digits of RFC 4648 that depend on the value alone when `before` bytes, modulo three, stand in front of it: so the value
/// is found inside a longer encoded text, such as `user:password`, as well.
fn base64_core(value: &[u8], before: usize, digits: &[u8; 64]) -> Vec<u8> {
    let padded: Vec<u8> = std::iter::repeat_n(0, before)
        .chain(value.iter().copied())
        .collect();
    let whole_digits = padded.len() * 8 / 6;
    let spoiled_digits = (before * 8).div_ceil(6);
    let all = padded.chunks(3).flat_map(|group| {
        let bits = (0..3).fold(0_u32, |bits, at| {
            (bits << 8) | u32::from(group.get(at).copied().unwrap_or(0))
        });
        [18, 12, 6, 0].map(|shift| digit(digits, (bits >> shift) & 63))
    });
    all.take(whole_digits).skip(spoiled_digits).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VALUE: &str = "sk-ant-/+ü\"42\nx";

    fn redactor(value: &str) -> Redactor {
        Redactor::new([("KEY", &Secret::new(value.to_owned()))])
    }

    #[test]
    fn a_secret_never_prints() {
        let secret = Secret::new(VALUE.to_owned());
        assert_eq!(format!("{secret} {secret:?}"), "⟦secret⟧ ⟦secret⟧");
        assert_eq!(secret.expose(), VALUE);
        assert!(!format!("{:?}", redactor(VALUE)).contains("sk-"));
    }

    #[test]
    fn a_wiped_buffer_is_empty() {
        let mut bytes = vec![7; 9];
        bytes.wipe();
        assert!(bytes.is_empty());
    }

    #[test]
    fn every_written_form_is_found_and_comes_back() {
        let redactor = redactor("sk-ant/+42?x");
        for (text, shown) in [
            ("key=sk-ant/+42?x;", "key=⟦secret:KEY⟧;"),
            ("736b2d616e742f2b34323f78", "⟦secret:KEY:hex⟧"),
            ("736B2D616E742F2B34323F78", "⟦secret:KEY:HEX⟧"),
            ("?k=sk-ant%2F%2B42%3Fx", "?k=⟦secret:KEY:url⟧"),
            ("?k=sk-ant%2f%2b42%3fx", "?k=⟦secret:KEY:url-lower⟧"),
            ("c2stYW50Lys0Mj94", "⟦secret:KEY:base64+0⟧"),
            // "a:" and "ab:" stand before the value.
            ("YTpzay1hbnQvKzQyP3g=", "YTp⟦secret:KEY:base64+2⟧g="),
            ("YWI6c2stYW50Lys0Mj94", "YWI6⟦secret:KEY:base64+0⟧"),
            ("nothing here", "nothing here"),
        ] {
            assert_eq!(redactor.redact(text), shown);
            assert_eq!(redactor.restore(shown), text);
        }
    }

    #[test]
    fn quoted_and_split_values_are_found() {
        let key = "-----BEGIN KEY-----\nAAAABBBBCCCCDDDDEEEE\nFFFF\n";
        let redactor = redactor(key);
        assert_eq!(redactor.redact(key), "⟦secret:KEY⟧");
        assert_eq!(
            redactor.redact("+AAAABBBBCCCCDDDDEEEE\n"),
            "+⟦secret:KEY:line2⟧\n"
        );
        let json = serde_json::to_string(key).unwrap();
        assert_eq!(redactor.redact(&json), "\"⟦secret:KEY:json⟧\"");
    }

    #[test]
    fn short_values_and_unknown_placeholders_stay() {
        assert_eq!(redactor("12345").redact("12345"), "12345");
        let unknown = "⟦secret:OTHER⟧ ⟦secret:KEY";
        assert_eq!(redactor(VALUE).restore(unknown), unknown);
        // A value that is part of a placeholder's own text.
        assert_eq!(redactor("secret").redact("secret"), "⟦secret:KEY⟧");
    }

    #[test]
    fn of_two_values_the_longer_wins() {
        let (short, long) = (
            Secret::new("abcdef".to_owned()),
            Secret::new("abcdefgh".to_owned()),
        );
        let redactor = Redactor::new([("S", &short), ("L", &long)]);
        assert_eq!(redactor.redact("abcdefgh abcdef"), "⟦secret:L⟧ ⟦secret:S⟧");
    }

    proptest! {
        #[test]
        fn redacting_takes_all_and_restoring_gives_all(value in "[!-~]{6,24}", before in "[ -~]{0,9}", after in "[ -~]{0,9}") {
            let redactor = redactor(&value);
            let text = format!("{before}{value}{after}");
            let redacted = redactor.redact(&text);
            prop_assert!(redacted.contains("⟦secret:KEY"));
            prop_assert_eq!(redactor.restore(&redacted), text);
        }
    }
}
