//! The door, through real sockets: who gets in, what is answered, and that nobody can crowd out
//! others. Routes come from the route table, so that none can be forgotten.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(unreachable_pub, reason = "all modules of a test are private")]

#[path = "api/care.rs"]
mod care;
#[path = "api/client.rs"]
mod client;
#[path = "api/contract.rs"]
mod contract;
#[path = "api/crowd.rs"]
mod crowd;
#[path = "api/export.rs"]
mod export;
#[path = "api/guards.rs"]
mod guards;
#[path = "api/answers.rs"]
mod answers;
#[path = "api/forget.rs"]
mod forget;
#[path = "api/history.rs"]
mod history;
#[path = "api/stream.rs"]
mod stream;
#[path = "api/house.rs"]
mod house;
