//! Both sites, driven from outside by curl: every page and every check.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

mod approval;
mod customer;
mod ending;
mod late;
mod login;
mod mail;
mod receipts;
mod renewal;
mod session;
mod time;
mod timeout;
