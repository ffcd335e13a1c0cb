//! What models cost: the price table. Sums and budgets are the domain's ([`cost`](crate::domain::cost)); prices reach it inside
//! events, so that a newer table never changes an old ledger.

mod prices;

pub use prices::{BadPrices, Confidence, PriceRow, PriceTable};
