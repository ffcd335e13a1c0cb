//! The model adapters over real sockets: the corpus of bad streams, answers cut at every byte, and everything that a provider
//! or the lack of one can do wrong.

#[cfg(test)]
mod corpus;
#[cfg(test)]
#[path = "../support/llm.rs"]
mod llm;
#[cfg(test)]
mod providers;
#[cfg(test)]
mod samples;
