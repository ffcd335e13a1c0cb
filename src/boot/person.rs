//! Who started this process.

use crate::domain::security::Actor;
use crate::session::name_of;

/// The person behind this process, by the kernel's user id; the name is only for reading.
#[must_use]
pub fn of_process() -> Actor {
    let uid = rustix::process::getuid().as_raw();
    Actor::Person {
        uid,
        name: name_of(uid),
    }
}
