//! The decider by its words: given a world, when this is asked or reported, then that follows.

mod attempts;
mod conflicts;
mod failures;
mod money;
mod outlook;
mod people;
mod plan;
mod recovery;
mod review;
mod rounds;
mod shelf;
mod speed;
