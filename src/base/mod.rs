//! Words without business meaning: ids, money, tokens, time, text, paths and secrets. Nothing here knows what a sprint is
//! about; everything above may import from here.

pub mod body;
pub mod id;
pub mod money;
pub mod path;
pub mod secret;
pub mod text;
pub mod time;
pub mod tokens;
