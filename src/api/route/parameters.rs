//! The parameters that many routes take, and lists of them: with more, or without some. All of it is
//! done while compiling; a list of another length than it says does not compile.

use super::Parameter;

/// What every question about traffic may be narrowed to.
pub(in crate::api) const FILTERS: [Parameter; 9] = [
    INTERFACE,
    APPLICATION,
    SITE,
    DOMAIN,
    PROTOCOL,
    DIRECTION,
    USER,
    CLASS,
    COUNTRY,
];

/// The same, and its range.
pub(in crate::api) const NARROWED: [Parameter; 11] = with([FROM, TO], FILTERS);

pub(in crate::api) const FROM: Parameter = Parameter {
    name: "from",
    about: "RFC 3339, or seconds since 1970. Default: an hour before `to`.",
};
pub(in crate::api) const TO: Parameter = Parameter {
    name: "to",
    about: "RFC 3339, or seconds since 1970. Default: now.",
};
pub(in crate::api) const INTERFACE: Parameter = Parameter {
    name: "interface",
    about: "An interface's name; may be repeated. Default: the uplinks.",
};
pub(in crate::api) const APPLICATION: Parameter = Parameter {
    name: "application",
    about: "An application's number, name or path; may be repeated.",
};
pub(in crate::api) const SITE: Parameter = Parameter {
    name: "site",
    about: "A site's number, name or address; may be repeated.",
};
pub(in crate::api) const DOMAIN: Parameter = Parameter {
    name: "domain",
    about: "A registrable domain; may be repeated.",
};
pub(in crate::api) const PROTOCOL: Parameter = Parameter {
    name: "protocol",
    about: "An IP protocol, `tcp` or `ip-N`; may be repeated.",
};
pub(in crate::api) const DIRECTION: Parameter = Parameter {
    name: "direction",
    about: "`in` or `out`: nothing else counts then.",
};
pub(in crate::api) const USER: Parameter = Parameter {
    name: "user",
    about: "The number of a user whose applications are meant, or `unknown`; may be repeated.",
};
pub(in crate::api) const CLASS: Parameter = Parameter {
    name: "class",
    about: "A class, or `none`; may be repeated.",
};
pub(in crate::api) const COUNTRY: Parameter = Parameter {
    name: "country",
    about: "Two letters (ISO 3166-1), or `unknown`: where a site is; may be repeated.",
};
pub(in crate::api) const LIMIT: Parameter = Parameter {
    name: "limit",
    about: "How many at most, 1 to 1000.",
};
pub(in crate::api) const STEP: Parameter = Parameter {
    name: "step",
    about: "Seconds a point, or hour, day, week, month, year. Default: at most 600 points.",
};
pub(in crate::api) const CURSOR: Parameter = Parameter {
    name: "cursor",
    about: "The `next` of the page before.",
};

/// These parameters, and more.
pub(in crate::api) const fn with<const N: usize, const M: usize, const ALL: usize>(
    some: [Parameter; N],
    more: [Parameter; M],
) -> [Parameter; ALL] {
    assert!(N + M == ALL, "so many there are");
    let mut all = [FROM; ALL];
    let mut place = 0;
    while place < ALL {
        all[place] = if place < N {
            some[place]
        } else {
            more[place - N]
        };
        place += 1;
    }
    all
}

/// These parameters but for some.
pub(in crate::api) const fn without<const N: usize, const LESS: usize, const LEFT: usize>(
    some: [Parameter; N],
    less: [Parameter; LESS],
) -> [Parameter; LEFT] {
    let mut left = [FROM; LEFT];
    let (mut place, mut kept) = (0, 0);
    while place < N {
        if !has(&less, some[place].name) {
            left[kept] = some[place];
            kept += 1;
        }
        place += 1;
    }
    assert!(kept == LEFT && LEFT + LESS == N, "so many are left");
    left
}

const fn has(parameters: &[Parameter], name: &str) -> bool {
    let mut place = 0;
    while place < parameters.len() {
        if is(parameters[place].name.as_bytes(), name.as_bytes()) {
            return true;
        }
        place += 1;
    }
    false
}

/// Whether two names are the same: a constant cannot ask `==` of them.
const fn is(one: &[u8], other: &[u8]) -> bool {
    let mut place = 0;
    while place < one.len() && place < other.len() && one[place] == other[place] {
        place += 1;
    }
    place == one.len() && place == other.len()
}
