//! The decider by its words: given a world, when this is asked or reported, then that follows.

mod access;
mod additions;
mod attempts;
mod conflicts;
mod failures;
mod money;
mod nearing;
mod order;
mod outlook;
mod people;
mod plan;
mod recovery;
mod review;
mod rounds;
mod rules;
mod shelf;
mod speed;
mod trials;
