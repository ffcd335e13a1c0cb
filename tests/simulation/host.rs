//! The single writer as the program has it: commands in batches, one append for all, answers after that. It can be killed and fail to
//! write between any two steps.

use aios::base::id::Digest;
use aios::base::time::Timestamp;
use aios::domain::journal::{
    Answered, Command, Envelope, Event, Input, Refusal, VOCABULARY, World, step,
};
use aios::domain::presence::Standing;
use aios::domain::security::Actor;

/// What came of a command.
pub(crate) type Answer = Result<Answered, Refusal>;

/// What befalls a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is kept and answered.
    Kept,
    /// The program dies, or cannot write, before it is kept: nobody hears anything.
    Lost,
    /// The program dies after it is kept and before anybody hears of it.
    Unheard,
}

/// World, journal, and everything that was asked of them.
#[derive(Debug, Default)]
pub(crate) struct Host {
    pub(crate) world: World,
    pub(crate) lines: Vec<String>,
    /// Every command that came to be, with its answer.
    pub(crate) asked: Vec<(Input, Answer)>,
    head: Option<Digest>,
    snapshot: Option<Vec<u8>>,
}

/// One command as the core takes it.
pub(crate) fn take(world: &mut World, input: &Input, sink: &mut Vec<Event>) -> Answer {
    if let Some(seq) = input.id.as_ref().and_then(|id| world.answer_to(id)) {
        return Ok(Answered::Again(seq));
    }
    let hold = match &input.command {
        Command::Begin { key, .. } => world.open.get(key).and_then(|wish| wish.hold),
        _ => None,
    };
    let events = step(world, input)?;
    sink.extend(events);
    if let Command::Begin { key, .. } = &input.command {
        assert_eq!(hold, None, "{key} began although it was held");
        if !world.may_run(key) {
            return Err(Refusal::Held(key.to_string()));
        }
    }
    Ok(Answered::Done(world.seq))
}

impl Host {
    /// A batch. Nobody hears an answer unless its fate is to be kept.
    pub(crate) fn submit(&mut self, batch: &[Input], fate: Fate) -> Option<Vec<Answer>> {
        let mut lines = Vec::new();
        let mut asked = Vec::new();
        let mut head = self.head.unwrap_or_else(|| Digest::of(b"genesis"));
        for input in batch {
            let mut events = Vec::new();
            let first = self.world.seq + 1;
            let answer = take(&mut self.world, input, &mut events);
            for (event, seq) in events.into_iter().zip(first..) {
                let envelope = Envelope {
                    v: VOCABULARY,
                    seq,
                    at: input.at,
                    by: input.by.clone(),
                    cmd: input.id.clone(),
                    prev: head,
                    event,
                };
                let (line, hash) = envelope.seal().unwrap();
                head = hash;
                lines.push(line);
            }
            asked.push((input.clone(), answer));
        }
        if fate == Fate::Lost {
            self.fold();
            return None;
        }
        self.world.settle();
        self.lines.extend(lines);
        self.head = Some(head);
        let answers = asked.iter().map(|(_, answer)| answer.clone()).collect();
        self.asked.extend(asked);
        if fate == Fate::Unheard {
            self.fold();
            return None;
        }
        Some(answers)
    }

    /// Keeps the world as it is now, for the next fold.
    pub(crate) fn keep(&mut self) {
        self.snapshot = Some(postcard::to_stdvec(&self.world).unwrap());
    }

    /// The world as the journal has it: from the snapshot and the lines behind it, or from nothing.
    fn fold(&mut self) {
        let mut world: World = match &self.snapshot {
            Some(bytes) => postcard::from_bytes(bytes).unwrap(),
            None => World::default(),
        };
        for line in self.lines.iter().skip(world.seq as usize) {
            world.absorb(&Envelope::read(line).unwrap());
        }
        world.settle_all();
        self.world = world;
    }

    /// A new program takes over what the last one left.
    pub(crate) fn take_over(&mut self, at: Timestamp) {
        let input = Input {
            id: None,
            by: Actor::System,
            standing: Standing::Owner,
            client: "host".to_owned(),
            at,
            command: Command::TakeOver {
                version: "0.1.0".to_owned(),
                pid: 1,
            },
        };
        self.submit(&[input], Fate::Kept);
        assert!(
            self.world.began.is_empty(),
            "in flight after a new start: {:?}",
            self.world.began
        );
    }
}
