//! The name that was perhaps meant: for mistyped settings, colours, tokens, keys.

/// The one of `names` that is nearest to `given`, if one is near: at most a third of its letters differ, and no more than four.
pub fn nearest<'a>(given: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = (given.chars().count() / 3).clamp(1, 4);
    let distances = names.into_iter().map(|name| (distance(name, given), name));
    let nearest = distances.filter(|(far, _)| *far <= most).min()?;
    Some(nearest.1)
}

/// How many letters have to be put in, taken out, changed or swapped with their neighbour to make one text of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    let mut above: Vec<usize> = Vec::new();
    let mut last = None;
    for letter in one.chars() {
        let mut next = Vec::with_capacity(row.len());
        let at = |row: &[usize], place: usize| row.get(place).copied().unwrap_or(usize::MAX);
        next.push(at(&row, 0) + 1);
        for (place, given) in other.iter().enumerate() {
            let changed = at(&row, place) + usize::from(letter != *given);
            let added = at(&next, place) + 1;
            let taken = at(&row, place + 1) + 1;
            let before = place.checked_sub(1);
            let is_swap = last == Some(*given)
                && before.and_then(|before| other.get(before)) == Some(&letter);
            let swapped = before
                .filter(|_| is_swap)
                .map_or(usize::MAX, |before| at(&above, before) + 1);
            next.push(changed.min(added).min(taken).min(swapped));
        }
        last = Some(letter);
        above = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn names_that_were_meant() {
        let names = ["green", "grey", "yellow", "surface.raised"];
        for (given, meant) in [
            ("gren", Some("green")),
            ("grene", Some("green")),
            ("grey", Some("grey")),
            ("surface.rised", Some("surface.raised")),
            ("violet", None),
            ("", None),
        ] {
            assert_eq!(nearest(given, names), meant, "{given}");
        }
    }
}
