//! The only room that touches the terminal: what it can do ([`caps`]), its modes ([`modes`]), what arrives ([`input`],
//! [`signals`]) and what leaves ([`screen`] makes the bytes, [`output`] writes them).

pub mod answer;
pub mod call;
pub mod caps;
pub mod clipboard;
pub mod decoder;
pub mod input;
pub mod lent;
pub mod modes;
pub mod output;
pub mod probe;
pub mod screen;
pub mod sgr;
pub mod signals;
