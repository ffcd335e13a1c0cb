//! The syntax of lines as far as it is known: what came back from the thread that colours, and what should be asked of it next. The
//! lines in view come first, then a screen around them; never a whole file.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;

use crate::domain::change::{Change, LineKind};
use crate::tui::highlight::{CHUNK, Coloured, Job, Key, Runs};

use super::index::{Code, Place, Row};
use super::{Read, State};

/// Chunks that are kept: some 25,000 lines.
const KEPT: usize = 200;

/// Chunks that are asked for and not answered.
const ASKED: usize = 16;

/// Cells of a line that are looked at. Longer lines stay plain.
const CELLS: usize = 512;

/// What is known.
#[derive(Clone, Debug, Default)]
pub(super) struct Colours {
    done: BTreeMap<Key, Vec<Runs>>,
    asked: BTreeSet<Key>,
    order: VecDeque<Key>,
}

impl Colours {
    /// The syntax of a line.
    pub(super) fn of(&self, read: &Read, place: &Place, line: u32) -> Option<&Runs> {
        let key = key(read, place, line)?;
        self.done.get(&key)?.get(line as usize % CHUNK)
    }

    fn take(&mut self, coloured: Coloured) {
        self.asked.remove(&coloured.key);
        if self.done.insert(coloured.key, coloured.lines).is_none() {
            self.order.push_back(coloured.key);
        }
        while self.order.len() > KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.done.remove(&oldest);
        }
    }
}

/// The chunk that a line of a hunk is in.
fn key(read: &Read, place: &Place, line: u32) -> Option<Key> {
    Some(Key {
        file: *read.files.get(place.file)?,
        hunk: place.number? as u32,
        chunk: line / CHUNK as u32,
    })
}

fn job(change: &Change, place: &Place, key: Key) -> Option<Job> {
    let file = change.files.get(place.file)?;
    let hunk = file.hunks.get(place.number?)?;
    let from = key.chunk as usize * CHUNK;
    let lines = hunk.lines.iter().skip(from).take(CHUNK);
    let shown = |kind: LineKind, text: &Bytes| (kind, Bytes::from(super::line::shown(text, CELLS)));
    Some(Job {
        key,
        path: file.path.to_string(),
        lines: lines.map(|line| shown(line.kind, &line.text)).collect(),
    })
}

impl State {
    /// Takes in what was coloured.
    pub fn coloured(&mut self, coloured: Coloured) {
        self.colours.take(coloured);
    }

    /// A chunk could not be asked for; a later frame asks again.
    pub fn uncoloured(&mut self, key: Key) {
        self.colours.asked.remove(&key);
    }

    /// The chunks that should be coloured next, the most urgent last, as the thread takes the last one first.
    pub fn wanted_colours(&mut self, height: u16) -> Vec<Job> {
        let Some((_, Ok(read))) = &self.read else {
            return Vec::new();
        };
        let height = usize::from(height);
        let rows = &read.index.rows;
        let in_view = self.top..(self.top + height).min(rows.len());
        let around = self.top.saturating_sub(height)..(self.top + 2 * height).min(rows.len());
        let mut wanted: Vec<(Key, Place)> = Vec::new();
        for row in in_view.chain(around) {
            let Some(Row::Code(code)) = rows.get(row) else {
                continue;
            };
            for (key, place) in keys(read, *code) {
                let is_known =
                    self.colours.done.contains_key(&key) || self.colours.asked.contains(&key);
                if !is_known && !wanted.iter().any(|(other, _)| *other == key) {
                    wanted.push((key, place));
                }
            }
        }
        wanted.truncate(ASKED.saturating_sub(self.colours.asked.len()));
        let jobs = wanted.iter().rev();
        let jobs: Vec<Job> = jobs
            .filter_map(|(key, place)| job(&read.change, place, *key))
            .collect();
        self.colours.asked.extend(jobs.iter().map(|job| job.key));
        jobs
    }
}

fn keys(read: &Read, code: Code) -> impl Iterator<Item = (Key, Place)> {
    let place = read.index.hunks.get(code.hunk).copied();
    let spots = [code.old, code.new].into_iter().flatten();
    spots.filter_map(move |spot| {
        let place = place?;
        Some((key(read, &place, spot.line)?, place))
    })
}
