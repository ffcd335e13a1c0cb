//! Who is at the other end of the socket, by the kernel's word. Only the host's own user is served, and no process that descends from
//! the host: an agent's command decides nothing.

use std::fs;

use tokio::net::unix::UCred;

use crate::base::text::SafeText;
use crate::domain::security::Actor;

/// Generations that are looked back; real ones are few.
const MOST_GENERATIONS: usize = 1_000;
/// In the environment of every command of an agent.
const MARK: &[u8] = b"AIOS=1";

/// The person at the other end.
///
/// # Errors
/// Why it is not served, as one line.
pub(super) fn admit(peer: &UCred) -> Result<Actor, String> {
    let own = rustix::process::geteuid().as_raw();
    if peer.uid() != own {
        return Err(format!(
            "not yours: the host belongs to user {own} and you are user {}",
            peer.uid()
        ));
    }
    let not_a_person = |why: &str| {
        Err(format!(
            "not yours: {why}, and only a person decides, never an agent or a command of one"
        ))
    };
    if cfg!(target_os = "linux") {
        // Number 0 is a process that cannot be seen from here, as in a container or a sandbox.
        let Some(pid) = peer.pid().filter(|pid| *pid > 0) else {
            return not_a_person("the process cannot be seen by the host");
        };
        let host = i32::try_from(std::process::id()).unwrap_or(i32::MAX);
        if descends(pid, host, parent) {
            return not_a_person("the process was started by the host");
        }
        if pid != host && !is_marked(host) && is_marked(pid) {
            return not_a_person("the process was started for an agent");
        }
    }
    Ok(Actor::Person {
        uid: own,
        name: name_of(own),
    })
}

/// A process, by the kernel's word: numbers are used again, and a number with a beginning is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Process {
    pid: i32,
    /// Ticks since the machine began.
    began: u64,
}

/// The process at the other end, where the system tells it.
pub(super) fn process(peer: &UCred) -> Option<Process> {
    process_of(u32::try_from(peer.pid()?).ok().filter(|pid| *pid > 0)?)
}

/// A process by its number.
pub(super) fn process_of(pid: u32) -> Option<Process> {
    let pid = i32::try_from(pid).ok()?;
    let began = began_in(&stat(pid)?)?;
    Some(Process { pid, began })
}

/// Whether process `pid` was started by process `ancestor` or by one that descends from it. A process does not descend from itself.
#[must_use]
pub fn descends(pid: i32, ancestor: i32, parent: impl Fn(i32) -> Option<i32>) -> bool {
    let line = std::iter::successors(parent(pid), |pid| parent(*pid));
    line.take(MOST_GENERATIONS)
        .take_while(|pid| *pid > 0)
        .any(|pid| pid == ancestor)
}

/// The process that started another, or that took it over.
fn parent(pid: i32) -> Option<i32> {
    parent_in(&stat(pid)?)
}

/// The kernel's line about a process.
fn stat(pid: i32) -> Option<String> {
    fs::read_to_string(format!("/proc/{pid}/stat")).ok()
}

/// The parent in a line of the kernel's. The name before it stands in brackets and may hold anything, brackets, too.
fn parent_in(stat: &str) -> Option<i32> {
    let (_, behind) = stat.rsplit_once(')')?;
    behind.split_ascii_whitespace().nth(1)?.parse().ok()
}

/// When the process began: the 22nd field, of which two stand up to the bracket.
fn began_in(stat: &str) -> Option<u64> {
    let (_, behind) = stat.rsplit_once(')')?;
    behind.split_ascii_whitespace().nth(19)?.parse().ok()
}

fn is_marked(pid: i32) -> bool {
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environment
        .split(|byte| *byte == 0)
        .any(|entry| entry == MARK)
}

/// The login name of a user as the system knows it, or the number.
pub fn name_of(uid: u32) -> String {
    let users = fs::read("/etc/passwd").unwrap_or_default();
    name_in(&String::from_utf8_lossy(&users), uid).unwrap_or_else(|| uid.to_string())
}

fn name_in(users: &str, uid: u32) -> Option<String> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| SafeText::line(name).into_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descent_goes_through_generations_and_ends() {
        let parents = |pid| match pid {
            30 => Some(20),
            20 => Some(10),
            10 => Some(1),
            1 => Some(0),
            7 => Some(8),
            8 => Some(7),
            _ => None,
        };
        let cases = [
            (30, 10, true),
            (20, 10, true),
            (10, 10, false),
            (10, 30, false),
            (99, 10, false),
            (7, 10, false),
        ];
        for (pid, ancestor, expected) in cases {
            assert_eq!(
                descends(pid, ancestor, parents),
                expected,
                "{pid} {ancestor}"
            );
        }
    }

    #[test]
    fn a_name_with_brackets_hides_no_parent() {
        assert_eq!(parent_in("12 (a) S 1 (b) R 77 1 1"), Some(77));
        assert_eq!(parent_in("12 (sh) S 5 12"), Some(5));
        assert_eq!(parent_in("nothing"), None);
        let line = "12 (a) S) R 5 6 7 0 -1 4 1 1 0 0 0 0 0 0 20 0 1 0 4711 9 9";
        assert_eq!((parent_in(line), began_in(line)), (Some(5), Some(4711)));
        assert_eq!(began_in("12 (a) R 5"), None);
        let own = stat(i32::try_from(std::process::id()).unwrap()).unwrap();
        assert!(began_in(&own).is_some_and(|began| began > 0));
    }

    #[test]
    fn names_come_from_the_list_of_users() {
        let users = "root:x:0:0::/root:/bin/sh\n:x:5:5::/:\nmia:x:1000:1000::/home/mia:/bin/sh\n";
        assert_eq!(name_in(users, 1000).as_deref(), Some("mia"));
        assert_eq!(name_in(users, 5), None);
        assert_eq!(name_in("broken", 0), None);
    }
}
