//! The terminal interface: a front door that drives the engine through a session client.
//!
//! In reading order: [`terminal`] is the only room that touches the terminal; [`key`], [`action`] and [`keymap`] turn keys into
//! actions; [`theme`] and [`widgets`] paint and know no domain; [`layout`] says what goes where; [`past`] folds what was before; [`app`],
//! [`update`] and [`view`] are the interface itself as plain state; [`runtime`] is the loop that joins them.

pub mod action;
pub mod app;
pub mod arming;
pub mod facts;
#[cfg(test)]
pub mod fixture;
pub mod highlight;
pub mod key;
pub mod keymap;
pub mod known;
pub mod layout;
pub mod link;
pub mod markdown;
pub mod motion;
pub mod notify;
pub mod pace;
pub mod panes;
pub mod past;
pub mod plain;
pub mod runtime;
pub mod setting;
pub mod terminal;
pub mod theme;
pub mod update;
pub mod view;
pub mod watch;
pub mod widgets;
