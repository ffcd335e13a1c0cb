//! The reconciler: compares the effects that ought to be running with those that are, starts what is missing and cancels what is no longer
//! wanted. How an effect is carried out is in its own file; what follows from its result is the domain's business.

mod carry;
mod merge;
mod model;
mod tool;
mod trial;
mod workshop;

pub use workshop::{Custom, Project, ProjectOf, Workshop};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use crate::domain::journal::{EffectKey, World};
use crate::engine::core::{CoreHandle, Follower, Post};

/// Model calls at once.
const MODEL_CALLS: usize = 32;
/// The longest pause before an effect that comes to nothing again and again is started once more.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// The first and the longest time after which a journal that takes nothing is tried again.
const REOPEN: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(300));
/// A journal that took everything for so long has healed.
const HEALED: Duration = Duration::from_secs(600);

struct Running {
    cancel: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// How many effects of a kind run at once.
pub(super) struct Limits {
    pub(super) models: Semaphore,
    pub(super) commands: Semaphore,
}

/// Starts and cancels effects on a runtime. Dropping it ends them all.
pub struct Reconciler {
    handle: CoreHandle,
    runtime: Handle,
    shop: Arc<Workshop>,
    limits: Arc<Limits>,
    running: BTreeMap<EffectKey, Running>,
    /// How often in a row an effect ended and was wanted as before.
    stumbles: BTreeMap<EffectKey, u32>,
    /// The last call for the journal to be opened again: its task, when, and the pause before it.
    calling: Option<(JoinHandle<()>, Instant, Duration)>,
}

impl Reconciler {
    /// A reconciler that carries effects out with `shop` and reports to `handle`.
    #[must_use]
    pub fn new(handle: CoreHandle, runtime: Handle, shop: Arc<Workshop>) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let limits = Limits {
            models: Semaphore::new(MODEL_CALLS),
            commands: Semaphore::new(cores),
        };
        Self {
            handle,
            runtime,
            shop,
            limits: Arc::new(limits),
            running: BTreeMap::new(),
            stumbles: BTreeMap::new(),
            calling: None,
        }
    }

    fn start(&mut self, world: &World, key: EffectKey, is_recorded: bool) {
        let Some(effect) = world.brief(&key) else {
            return;
        };
        let stumbles = self.stumbles.get(&key).copied().unwrap_or_default();
        let (cancel, cancelled) = watch::channel(false);
        let carrier = carry::Carrier {
            handle: self.handle.clone(),
            shop: self.shop.clone(),
            limits: self.limits.clone(),
            key,
            is_recorded,
            pause: pause(stumbles),
            cancelled,
        };
        let outputs = tool::outputs(world, &key);
        let task = self.runtime.spawn(carrier.run(effect, outputs));
        self.running.insert(key, Running { cancel, task });
    }
}

impl Follower for Reconciler {
    fn follow(&mut self, world: &World, changed: &BTreeSet<EffectKey>, ended: &[EffectKey]) {
        for key in ended {
            self.running.remove(key);
            if world.open.get(key).is_some_and(|wish| wish.hold.is_none()) {
                *self.stumbles.entry(*key).or_default() += 1;
            }
        }
        for key in changed {
            match (world.open.get(key), self.running.get(key)) {
                // It reports its end, and is looked at again then.
                (None, Some(running)) => {
                    running.cancel.send_replace(true);
                }
                (None, None) => {
                    self.stumbles.remove(key);
                }
                (Some(wish), None) if wish.hold.is_none() => {
                    self.start(world, *key, wish.is_recorded);
                }
                (Some(_), _) => {}
            }
        }
    }

    fn halt(&mut self) {
        for (key, running) in std::mem::take(&mut self.running) {
            running.task.abort();
            self.handle.signals.clear(&key);
        }
        self.stumbles.clear();
    }

    fn call_later(&mut self) {
        let pause = match self.calling.take() {
            Some((task, since, pause)) => {
                task.abort();
                if since.elapsed() > HEALED {
                    REOPEN.0
                } else {
                    (pause * 2).min(REOPEN.1)
                }
            }
            None => REOPEN.0,
        };
        let post = self.handle.post.clone();
        let task = self.runtime.spawn(async move {
            tokio::time::sleep(pause).await;
            // A core that is gone needs no journal.
            drop(post.send(Post::Reopen).await);
        });
        self.calling = Some((task, Instant::now(), pause));
    }
}

/// How long an effect that came to nothing waits: not at all once, because what it needs may just have changed.
fn pause(stumbles: u32) -> Duration {
    if stumbles < 2 {
        return Duration::ZERO;
    }
    (Duration::from_millis(5) * 2_u32.pow(stumbles.min(16))).min(LONGEST_PAUSE)
}

impl Drop for Reconciler {
    fn drop(&mut self) {
        self.halt();
    }
}
