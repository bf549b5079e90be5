//! What goes out, over real connections with TLS to servers on this machine, and what does not.

mod actions;
mod addresses;
mod browser;
mod certificates;
mod host;
mod limits;
mod push;
mod secrecy;
mod server;
mod sms;
mod statuses;
mod urls;
