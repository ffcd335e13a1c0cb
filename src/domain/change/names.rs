//! Names of files as the lines of a diff write them: with prefixes, and in quotes where a byte is unusual.

/// The name in `a/NAME b/NAME`, if both are the same.
pub(super) fn same_name(names: &[u8]) -> Option<Vec<u8>> {
    if names.starts_with(b"\"") {
        let (old, rest) = unquote(names)?;
        let (new, _) = unquote(rest.strip_prefix(b" ")?)?;
        let old = old.strip_prefix(b"a/")?;
        return (Some(old) == new.strip_prefix(b"b/")).then(|| old.to_vec());
    }
    let half = names.len().checked_sub(1)? / 2;
    let old = names.get(..half)?.strip_prefix(b"a/")?;
    let new = names.get(half..)?.strip_prefix(b" b/")?;
    (old == new).then(|| old.to_vec())
}

/// Reads a name in quotes with git's escapes, and gives what stands behind it.
pub(super) fn unquote(quoted: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut name = Vec::new();
    let mut rest = quoted.strip_prefix(b"\"")?;
    loop {
        match rest {
            [b'"', after @ ..] => return Some((name, after)),
            [
                b'\\',
                high @ b'0'..=b'3',
                middle @ b'0'..=b'7',
                low @ b'0'..=b'7',
                after @ ..,
            ] => {
                name.push(((high - b'0') << 6) | ((middle - b'0') << 3) | (low - b'0'));
                rest = after;
            }
            [b'\\', letter, after @ ..] => {
                name.push(escaped(*letter)?);
                rest = after;
            }
            [byte, after @ ..] => {
                name.push(*byte);
                rest = after;
            }
            [] => return None,
        }
    }
}

const fn escaped(letter: u8) -> Option<u8> {
    Some(match letter {
        b'a' => 7,
        b'b' => 8,
        b't' => b'\t',
        b'n' => b'\n',
        b'v' => 11,
        b'f' => 12,
        b'r' => b'\r',
        b'"' | b'\\' => letter,
        _ => return None,
    })
}
