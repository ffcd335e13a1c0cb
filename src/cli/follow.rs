//! Following a session: the world of a verb that stays, kept up to date event by event.

use std::sync::Arc;

use crate::domain::journal::{Envelope, World};
use crate::engine::core::Pulled;
use crate::session::{Gone, SessionClient};

/// Waits until something happens and folds it in. Gives what happened; nothing if so much did that a new snapshot was taken.
///
/// # Errors
/// The host is gone.
pub async fn follow(client: &SessionClient, world: &mut World) -> Result<Vec<Arc<Envelope>>, Gone> {
    match client.events(world.seq).await? {
        Pulled::Events(events) => {
            for envelope in &events {
                world.absorb(envelope);
            }
            Ok(events)
        }
        Pulled::TooOld => {
            *world = client.snapshot().await?;
            Ok(Vec::new())
        }
    }
}
