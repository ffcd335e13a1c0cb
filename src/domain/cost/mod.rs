//! What calls cost: prices, the ledger of every call, budgets with reservations. Price lists are data and live in assets; here is only
//! the arithmetic.

mod budget;
mod ledger;
mod price;

pub use budget::{Account, Refused};
pub use ledger::{Entry, Ledger, Settlement, Totals};
pub use price::Price;
