//! What an agent is told: roles from their files, the fixed beginning of its conversation, and the words that the program says to it
//! later. How a conversation goes on is decided in [`domain::agent`](crate::domain::agent), not here.

mod assemble;
mod messages;
mod prompt;
mod roles;
mod shape;
mod task_text;

pub use assemble::{BadRequest, Texts, assemble};
pub use messages::{BadFill, Template, fill};
pub use prompt::{BadPrompt, Fragments, Prefix, assemble_prefix};
pub use roles::{BadRole, built_in_roles, load_team, merge_team};
pub use shape::calls;
pub use task_text::{CriterionLine, criteria_text, read_criteria};
