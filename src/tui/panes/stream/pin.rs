//! Which stream shows whom. A stream stays with its agent whatever happens in the list of agents: it changes by a key of the person,
//! or when its agent is gone; and never while it has the focus.

use crate::base::id::AttemptId;
use crate::domain::journal::World;
use crate::tui::facts::agents::agents as all;
use crate::tui::panes::agents::{self, Watched};

use super::State;

impl State {
    /// Shows somebody from now on, because the person asked for it.
    pub fn watch(&mut self, watched: Watched) {
        self.pin = watched;
    }

    const fn pinned(&self) -> Option<AttemptId> {
        match self.pin {
            Watched::Attempt(id) => Some(id),
            Watched::Silent(_) | Watched::Nobody => None,
        }
    }

    /// The last attempt of the work that is shown, as long as somebody is at it; where the stream has the focus, also after that.
    fn goes_on(&self, world: &World, at_work: &[AttemptId], has_focus: bool) -> Option<AttemptId> {
        let pinned = self.pinned()?;
        let same = at_work.iter().find(|id| id.work == pinned.work);
        let sprint = world.current();
        let stays = || {
            let is_there = sprint.is_some_and(|sprint| sprint.attempts.contains_key(&pinned));
            (has_focus && is_there).then_some(pinned)
        };
        same.copied().or_else(stays)
    }
}

/// Says whom each stream shows from now on. The first one shows the agent under the cursor; `focused` is the number of the one that
/// has the focus.
pub fn pin(
    streams: &mut [State],
    (world, agents): (&World, &agents::State),
    focused: Option<usize>,
) {
    let at_work: Vec<AttemptId> = all(world)
        .iter()
        .filter_map(|agent| agent.attempt)
        .collect();
    let kept: Vec<Option<AttemptId>> = streams
        .iter()
        .enumerate()
        .map(|(number, stream)| stream.goes_on(world, &at_work, focused == Some(number)))
        .collect();
    let mut shown: Vec<AttemptId> = Vec::new();
    for (number, stream) in streams.iter_mut().enumerate() {
        let stays = kept.get(number).copied().flatten();
        stream.pin = if number == 0 {
            match stays.filter(|_| focused == Some(0)) {
                Some(id) => Watched::Attempt(id),
                None => agents.watched(world),
            }
        } else {
            let is_free = |id: &AttemptId| shown.iter().all(|other| other.work != id.work);
            let is_nobodys = |id: &AttemptId| {
                let mut others = kept.iter().skip(number).flatten();
                others.all(|other| other.work != id.work)
            };
            let next = || {
                let mut free = at_work.iter().filter(|id| is_free(id) && is_nobodys(id));
                free.next().copied()
            };
            let found = stays.filter(is_free).or_else(next);
            found.map_or(Watched::Nobody, Watched::Attempt)
        };
        shown.extend(stream.pinned());
    }
}

/// Has the stream of this number show the next in `order` whom no other stream shows, or the one before.
pub fn turn(streams: &mut [State], number: usize, (order, is_next): (&[AttemptId], bool)) {
    let others = streams.iter().enumerate();
    let others = others.filter(|(other, _)| *other != number);
    let taken: Vec<AttemptId> = others.filter_map(|(_, other)| other.pinned()).collect();
    let free = |id: &&AttemptId| taken.iter().all(|other| other.work != id.work);
    let Some(stream) = streams.get_mut(number) else {
        return;
    };
    let now = stream.pinned().map(|id| id.work);
    let at = order.iter().position(|id| Some(id.work) == now);
    let next = match (at, is_next) {
        (Some(at), true) => order.iter().skip(at + 1).find(free),
        (Some(at), false) => order.iter().take(at).rfind(free),
        (None, _) => order.iter().find(free),
    };
    if let Some(next) = next {
        stream.pin = Watched::Attempt(*next);
    }
}
