//! Where the main routing tables lead, and which devices carry PPPoE, from `/proc/net`.

use super::Error;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Flags of a route (RTF_...).
const UP: u32 = 1;
const GATEWAY: u32 = 2;
const REJECT: u32 = 0x200;

/// What the routes say of interfaces.
#[derive(Debug, Default)]
pub(super) struct Routes {
    /// A default route leads through them.
    pub default: BTreeSet<String>,
    /// Some route leads through them by way of a router.
    pub gateway: BTreeSet<String>,
    /// PPPoE sessions run on them.
    pub pppoe: BTreeSet<String>,
}

impl Routes {
    /// As the tables in `proc`, the system's folder of them, have it.
    pub(super) fn read(proc: &Path) -> Result<Routes, Error> {
        let path = proc.join("route");
        let four = fs::read_to_string(&path).map_err(Error::file("read", &path))?;
        // A kernel without IPv6, or without PPPoE, has no such table.
        let six = fs::read_to_string(proc.join("ipv6_route")).unwrap_or_default();
        let pppoe = fs::read_to_string(proc.join("pppoe")).unwrap_or_default();
        let default = four.lines().filter_map(default_route);
        let gateway = four.lines().filter_map(gateway_route);
        Ok(Routes {
            default: default
                .chain(six.lines().filter_map(default_route6))
                .collect(),
            gateway: gateway
                .chain(six.lines().filter_map(gateway_route6))
                .collect(),
            pppoe: pppoe.lines().filter_map(session).collect(),
        })
    }
}

/// The interface of a row of `/proc/net/route` (interface, destination, gateway, flags, ..., mask)
/// that is a default route and not a refusal.
pub(super) fn default_route(row: &str) -> Option<String> {
    let columns: Vec<&str> = row.split_ascii_whitespace().collect();
    let is = |column: usize, value| columns.get(column) == Some(&value);
    (is(1, "00000000") && is(7, "00000000") && usable(columns.get(3)?))
        .then(|| columns.first().map(|name| (*name).to_owned()))?
}

/// The same for `/proc/net/ipv6_route` (destination, its length, ..., flags, interface).
pub(super) fn default_route6(row: &str) -> Option<String> {
    let columns: Vec<&str> = row.split_ascii_whitespace().collect();
    let everywhere = columns.first()?.bytes().all(|digit| digit == b'0');
    let name = columns.get(9)?;
    (everywhere && columns.get(1) == Some(&"00") && usable(columns.get(8)?) && *name != "lo")
        .then(|| (*name).to_owned())
}

fn gateway_route(row: &str) -> Option<String> {
    let mut columns = row.split_ascii_whitespace();
    let name = columns.next()?;
    through_router(columns.nth(2)?).then(|| name.to_owned())
}

fn gateway_route6(row: &str) -> Option<String> {
    let mut columns = row.split_ascii_whitespace().skip(8);
    through_router(columns.next()?).then(|| columns.next().map(str::to_owned))?
}

/// The device of a row of `/proc/net/pppoe`: the session, the other end's address, the device.
fn session(row: &str) -> Option<String> {
    let mut columns = row.split_ascii_whitespace();
    let id = columns.next()?;
    u32::from_str_radix(id, 16).ok()?;
    columns.nth(1).map(str::to_owned)
}

fn usable(flags: &str) -> bool {
    has(flags).is_some_and(|flags| flags & UP != 0 && flags & REJECT == 0)
}

fn through_router(flags: &str) -> bool {
    usable(flags) && has(flags).is_some_and(|flags| flags & GATEWAY != 0)
}

fn has(flags: &str) -> Option<u32> {
    u32::from_str_radix(flags, 16).ok()
}
