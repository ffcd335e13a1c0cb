//! Version control. One technology so far: the user's own `git`.

pub mod git;
