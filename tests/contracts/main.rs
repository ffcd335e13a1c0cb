//! One suite a port, run against every adapter of it, and what only the journal's files have to stand: damage, crashes, a full
//! disk, a second opener.

#[cfg(test)]
mod blobs;
#[cfg(test)]
mod chain;
#[cfg(test)]
mod journal;
#[cfg(test)]
mod journal_crash;
#[cfg(test)]
mod journal_damage;
#[cfg(test)]
mod state;
