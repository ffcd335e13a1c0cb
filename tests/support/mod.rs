//! What journeys lean on. Each test crate that needs it says `mod support;`.

#[cfg(test)]
pub(crate) mod pty;
