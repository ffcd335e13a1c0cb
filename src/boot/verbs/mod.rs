//! The verbs that need more than arguments and output: each brings the parts together, and leaves the words to `cli`.

pub mod config;
pub mod doctor;
pub mod goal;
pub mod init;
pub mod interface;
pub mod journal;
pub mod keys;
pub mod plan;
pub mod roles;
pub mod run;
pub mod session;
pub mod theme;
