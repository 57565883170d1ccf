//! The process that a capture says sent or received a frame. What it is called was written by
//! others and is made harmless here. Knows nothing of flows.

use crate::label::harmless;
use std::sync::Arc;

/// No name of a process is longer than this.
const LONGEST: usize = 64;

/// A process by its number and its name.
pub type Named = (i32, Arc<str>);

/// The process at one end of a frame, as the capture tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    pub pid: i32,
    pub name: Arc<str>,
    /// The process that it worked for, if it did for another.
    pub effective: Option<Named>,
}

impl Process {
    /// A process, and the one that it works for if that is another.
    pub fn of((pid, name): Named, effective: Option<Named>) -> Process {
        let effective = effective.filter(|(other, _)| *other != pid);
        Process {
            pid,
            name,
            effective,
        }
    }

    /// A process by its number and the bytes of its name, which end where there are no more or at
    /// a zero. One without a name is called by its number.
    pub fn named(pid: i32, name: &[u8]) -> Named {
        let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
        if name.is_empty() {
            return (pid, format!("pid {pid}").into());
        }
        (
            pid,
            harmless(&String::from_utf8_lossy(name), LONGEST).into(),
        )
    }

    /// The name of the application: of the process that it was done for.
    pub fn app(&self) -> &Arc<str> {
        self.effective.as_ref().map_or(&self.name, |(_, name)| name)
    }

    /// The name of the process that did it for another.
    pub fn via(&self) -> Option<&Arc<str>> {
        self.effective.as_ref().map(|_| &self.name)
    }

    /// Whether this is to be told of a flow whose owner was `known` so far. The kernel acts for
    /// processes, and not every frame that a process has for another says so: neither is news.
    pub fn replaces(&self, known: &Process) -> bool {
        let says_less = self.effective.is_none()
            && (self.pid == 0 || (self.pid == known.pid && known.effective.is_some()));
        self != known && !says_less
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_at_a_zero_and_are_harmless_and_short() {
        let name = |bytes: &[u8]| Process::named(7, bytes).1.to_string();
        assert_eq!(name(b"curl\0\0rest"), "curl");
        assert_eq!(name(b""), "pid 7");
        assert_eq!(name(b"\0curl"), "pid 7");
        assert_eq!(name("a\u{202e}b\x1bc".as_bytes()), "a\u{fffd}b\u{fffd}c");
        assert_eq!(name(b"a\xff"), "a\u{fffd}");
        assert_eq!(name(&[b'a'; 300]).len(), LONGEST);
        assert!(name(&[0xff; 300]).len() <= LONGEST);
    }

    #[test]
    fn the_application_is_whom_it_was_done_for() {
        let named = |pid, name: &str| Process::named(pid, name.as_bytes());
        let own = Process::of(named(7, "curl"), None);
        assert_eq!((&**own.app(), own.via()), ("curl", None));
        let same = Process::of(named(7, "curl"), Some(named(7, "curl")));
        assert_eq!(same, own);
        let other = Process::of(named(7, "networking"), Some(named(9, "browser")));
        assert_eq!(&**other.app(), "browser");
        assert_eq!(other.via().map(|via| &**via), Some("networking"));
    }

    #[test]
    fn only_news_is_told_again() {
        let process = |pid, effective: Option<i32>| {
            let named = |pid: i32| Process::named(pid, b"");
            Process::of(named(pid), effective.map(named))
        };
        let cases = [
            (process(7, None), process(7, None), false),
            (process(8, None), process(7, None), true),
            (process(0, None), process(7, None), false),
            (process(7, None), process(0, None), true),
            (process(7, Some(9)), process(7, None), true),
            (process(7, None), process(7, Some(9)), false),
            (process(8, None), process(7, Some(9)), true),
        ];
        for (new, known, news) in cases {
            assert_eq!(new.replaces(&known), news, "{new:?} after {known:?}");
        }
    }
}
