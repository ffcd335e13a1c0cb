//! The tools in real sandboxes: what every sandbox promises, and the hostile calls of the corpus.

#[cfg(test)]
mod checks;
#[cfg(test)]
mod corpus;
#[cfg(test)]
#[path = "../support/needs.rs"]
mod needs;
#[cfg(test)]
mod sandboxes;
