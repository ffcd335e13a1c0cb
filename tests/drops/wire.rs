//! A socket between a client and its host that can be cut or fall silent, as a line over a network does.

use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};

/// What all threads of a wire share.
#[derive(Default)]
struct State {
    ends: Mutex<Vec<UnixStream>>,
    is_silent: Mutex<bool>,
    speaks: Condvar,
}

/// The wire. Its threads end with the connections.
pub(crate) struct Wire {
    pub(crate) socket: PathBuf,
    state: Arc<State>,
}

impl Wire {
    /// Listens in `folder` and joins whoever comes to `host`.
    pub(crate) fn lay(folder: &Path, host: PathBuf) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let socket = folder.join("wire.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        let state = Arc::<State>::default();
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for near in listener.incoming().flatten() {
                let Ok(far) = UnixStream::connect(&host) else {
                    continue;
                };
                shared.join(near, far);
            }
        });
        Self { socket, state }
    }

    /// Ends every connection; new ones are joined as before.
    pub(crate) fn cut(&self) {
        for end in self.state.ends.lock().unwrap().drain(..) {
            end.shutdown(Shutdown::Both).ok(); // It may have ended by itself.
        }
    }

    /// Lets nothing through any more and ends nothing, or everything again.
    pub(crate) fn silence(&self, is_silent: bool) {
        *self.state.is_silent.lock().unwrap() = is_silent;
        self.state.speaks.notify_all();
    }
}

impl State {
    fn join(self: &Arc<Self>, near: UnixStream, far: UnixStream) {
        let copies = [&near, &far].map(|end| end.try_clone().unwrap());
        let [near_again, far_again] = [&near, &far].map(|end| end.try_clone().unwrap());
        self.ends.lock().unwrap().extend(copies);
        for (from, to) in [(near, far), (far_again, near_again)] {
            let state = Arc::clone(self);
            std::thread::spawn(move || state.copy(from, to));
        }
    }

    fn copy(&self, mut from: UnixStream, mut to: UnixStream) {
        let mut buffer = [0_u8; 16 << 10];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            let silent = self.is_silent.lock().unwrap();
            drop(self.speaks.wait_while(silent, |silent| *silent).unwrap());
            if to.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        from.shutdown(Shutdown::Both).ok();
        to.shutdown(Shutdown::Both).ok();
    }
}
