//! Who may do what, changed: one change after the other, each checked, written to the journal and only then made. Two owners who take
//! the session from each other at once do not both succeed, and whoever asked may leave without leaving half of it.

use tokio::sync::{mpsc, oneshot};

use crate::base::id::CommandId;
use crate::domain::journal::{Answered, Command, Refusal};
use crate::domain::presence::Party;
use crate::session::Gone;
use crate::session::local::Local;

use super::reception::{Change, Reception, Seat};

/// Changes that wait; then asking waits.
const MOST_CHANGES: usize = 16;

type Answer = Result<Result<Answered, Refusal>, Gone>;

/// A change that is asked for.
pub(super) struct Wanted {
    local: Local,
    from: (u64, String),
    id: CommandId,
    to: u64,
    change: Change,
    answer: oneshot::Sender<Answer>,
}

/// Where changes are asked for.
#[derive(Clone, Debug)]
pub(super) struct Access(mpsc::Sender<Wanted>);

impl Access {
    /// Where to ask, and where what is asked comes out.
    pub(super) fn new() -> (Self, mpsc::Receiver<Wanted>) {
        let (sender, wanted) = mpsc::channel(MOST_CHANGES);
        (Self(sender), wanted)
    }

    /// Asks for a change of the line `to`, and waits until it is made or refused.
    pub(super) async fn ask(
        &self,
        (local, seat): (&Local, &Seat),
        id: CommandId,
        (to, change): (u64, Change),
    ) -> Answer {
        let ends = || Gone("the host ends".to_owned());
        let (answer, answered) = oneshot::channel();
        let wanted = Wanted {
            local: local.clone(),
            from: (seat.number(), local.by.to_string()),
            id,
            to,
            change,
            answer,
        };
        self.0.send(wanted).await.map_err(|_| ends())?;
        answered.await.map_err(|_| ends())?
    }
}

/// Makes changes until nobody can ask for any.
pub(super) async fn make(reception: &Reception, mut wanted: mpsc::Receiver<Wanted>) {
    while let Some(next) = wanted.recv().await {
        let answer = one(reception, &next).await;
        // Whoever asked may have gone: the change is made all the same.
        drop(next.answer.send(answer));
    }
}

async fn one(reception: &Reception, wanted: &Wanted) -> Answer {
    let (from, by) = (wanted.from.0, wanted.from.1.as_str());
    let standing = reception.standing(from);
    let party = match reception.check(from, wanted.to, wanted.change) {
        Ok(party) => party,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let command = command(wanted.to, wanted.change, party);
    let answer = wanted.local.submit(wanted.id.clone(), standing, command);
    let answer = answer.await?;
    if matches!(answer, Ok(Answered::Done(_))) {
        reception.change((from, by), wanted.to, wanted.change);
    }
    Ok(answer)
}

const fn command(line: u64, change: Change, party: Party) -> Command {
    let whom = Some(party);
    match change {
        Change::Standing(to) => Command::SetStanding { line, to, whom },
        Change::Remove => Command::Remove { line, whom },
    }
}
