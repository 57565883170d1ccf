//! The kinds of things that traffic can be told apart by.

use std::str::FromStr;

/// A kind of thing that traffic is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum By {
    Application,
    Site,
    Domain,
    Interface,
    Protocol,
    Country,
    Direction,
    User,
    Class,
    Talk,
}

impl By {
    pub const ALL: [By; 10] = [
        By::Application,
        By::Site,
        By::Domain,
        By::Interface,
        By::Protocol,
        By::Country,
        By::Direction,
        By::User,
        By::Class,
        By::Talk,
    ];

    /// The word that the API uses; it is also the parameter that chooses one.
    pub fn word(self) -> &'static str {
        match self {
            By::Application => "application",
            By::Site => "site",
            By::Domain => "domain",
            By::Interface => "interface",
            By::Protocol => "protocol",
            By::Country => "country",
            By::Direction => "direction",
            By::User => "user",
            By::Class => "class",
            By::Talk => "talk",
        }
    }
}

impl FromStr for By {
    type Err = ();

    fn from_str(text: &str) -> Result<By, ()> {
        By::ALL.into_iter().find(|by| by.word() == text).ok_or(())
    }
}
