//! From the journal to a world: the newest snapshot that fits, and the events behind it.

use std::ops::ControlFlow;

use crate::base::id::Digest;
use crate::base::time::Timestamp;
use crate::domain::journal::{Envelope, VOCABULARY, World};
use crate::engine::ports::journal::{Journal, JournalFailure};
use crate::engine::ports::state::{State, Tree};

/// The key of the one snapshot that is kept.
const LATEST: &[u8] = b"latest";

/// A world and how it came about.
#[derive(Debug)]
pub struct Loaded {
    /// The world, with its wanted effects computed.
    pub world: World,
    /// Events folded behind the snapshot.
    pub folded: u64,
    /// The snapshot was used.
    pub from_snapshot: bool,
}

/// Folds the journal, from the snapshot in `state` if it belongs to this very journal.
///
/// # Errors
/// The journal cannot be read, or holds a line that this program cannot.
pub fn load(journal: &dyn Journal, state: Option<&dyn State>) -> Result<Loaded, JournalFailure> {
    if let Some((world, hash)) = state.and_then(read_snapshot) {
        let from = world.seq;
        if let Ok(Some(loaded)) = fold(journal, world, Some(hash)) {
            return Ok(Loaded {
                from_snapshot: true,
                folded: loaded.seq - from,
                world: loaded,
            });
        }
    }
    let world = fold(journal, World::default(), None)?.unwrap_or_default();
    Ok(Loaded {
        from_snapshot: false,
        folded: world.seq,
        world,
    })
}

/// Folds everything behind `world`; none if the line after it does not follow `hash`, so that the snapshot is of another journal.
fn fold(
    journal: &dyn Journal,
    mut world: World,
    hash: Option<Digest>,
) -> Result<Option<World>, JournalFailure> {
    let mut trouble: Option<JournalFailure> = None;
    let first = world.seq + 1;
    let mut fits = match hash {
        Some(hash) if journal.head().seq == world.seq => journal.head().hash == hash,
        Some(_) => journal.head().seq > world.seq,
        None => true,
    };
    journal.read(first, &mut |seq, line| match Envelope::read(line) {
        Ok(envelope) => {
            if seq == first && hash.is_some_and(|hash| envelope.prev != hash) {
                fits = false;
                return ControlFlow::Break(());
            }
            world.absorb(&envelope);
            ControlFlow::Continue(())
        }
        Err(why) => {
            trouble = Some(JournalFailure::ReadOnly {
                why: format!("event {seq} cannot be read: {why}"),
            });
            ControlFlow::Break(())
        }
    })?;
    if let Some(trouble) = trouble {
        return Err(trouble);
    }
    world.settle_all();
    Ok(fits.then_some(world))
}

/// The moment of the last event; the beginning of time if there is none that can be read.
pub(super) fn last_moment(journal: &dyn Journal) -> Timestamp {
    let mut at = Timestamp::default();
    // What cannot be read is told by the fold.
    let _ = journal.read(journal.head().seq.max(1), &mut |_, line| {
        at = Envelope::read(line).map_or(at, |envelope| envelope.at);
        ControlFlow::Continue(())
    });
    at
}

/// The program and the layout of its world: bytes of another layout may read as a world that never was. The second number grows when
/// the layout changes and the version does not.
const LAYOUT: &str = concat!(env!("CARGO_PKG_VERSION"), "/3");

/// A snapshot as it is kept: the language, the program, the head of the journal that it stands for, and the world with its own hash,
/// because a world that was damaged may still read as one.
type Kept = (u32, String, Digest, Digest, Vec<u8>);

fn read_snapshot(state: &dyn State) -> Option<(World, Digest)> {
    let bytes = state.get(Tree::Snapshot, LATEST).ok().flatten()?;
    let (vocabulary, version, head, sum, world): Kept = postcard::from_bytes(&bytes).ok()?;
    let is_ours = vocabulary == VOCABULARY && version == LAYOUT;
    if !is_ours || Digest::of(&world) != sum {
        return None;
    }
    Some((postcard::from_bytes(&world).ok()?, head))
}

/// Keeps a snapshot. A failure is of no consequence: the journal has everything.
pub(super) fn write_snapshot(state: &dyn State, world: &World, hash: Digest) {
    let Ok(world) = postcard::to_stdvec(world) else {
        return;
    };
    let version = LAYOUT.to_owned();
    let snapshot: Kept = (VOCABULARY, version, hash, Digest::of(&world), world);
    if let Ok(bytes) = postcard::to_stdvec(&snapshot) {
        // Derived: what is not written is folded again.
        let _ = state.put(Tree::Snapshot, LATEST, &bytes);
        let _ = state.flush();
    }
}

/// The bytes of a world for a client of the same program.
///
/// # Errors
/// Never for today's world: it holds strings, numbers and lists only.
pub fn export_world(world: &World) -> Result<Vec<u8>, postcard::Error> {
    postcard::to_stdvec(&(VOCABULARY, env!("CARGO_PKG_VERSION"), world))
}
