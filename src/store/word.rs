//! What the dictionaries number: apps, sites, interfaces in a role, and sets of classes. A set of
//! classes is kept by the classes' names, so that it keeps its meaning when the configuration
//! gives the bits to others.

use super::codec::{Damaged, In, Out};
use super::codes::{ROLES, code, word};
use crate::key::InterfaceId;
use crate::label::{App, Classes, Site};
use crate::platform::Role;
use crate::tick::InterfaceSecond;
use redb::TableDefinition;
use serde::{Deserialize, Serialize};
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::Arc;

#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct AppId(pub u32);
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct SiteId(pub u32);
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NicId(pub u32);
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ClassesId(pub u32);

/// An interface in the role that it had: what decides whether it counts in a total.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nic {
    pub name: Arc<str>,
    pub role: Role,
}

/// The names of the classes that a flow is in; empty is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassSet(pub Vec<Arc<str>>);

impl Nic {
    /// An interface by its description in this second, or as it was last `known`.
    pub fn of(
        id: InterfaceId,
        now: &[InterfaceSecond],
        known: impl Fn(InterfaceId) -> Option<Nic>,
    ) -> Nic {
        let described = now.iter().find(|one| one.facts.interface == id).map(nic);
        described.or_else(|| known(id)).unwrap_or_else(|| Nic {
            name: format!("interface-{}", id.0).into(),
            role: Role::Virtual,
        })
    }
}

impl ClassSet {
    /// The classes that these bits mean, where bit `n` has the `n`th name.
    pub fn of(classes: Classes, names: &[Arc<str>]) -> ClassSet {
        let bits = (0..32).filter(|bit| classes.0 & 1 << bit != 0);
        let name = |bit: usize| match names.get(bit) {
            Some(name) => name.clone(),
            None => format!("class-{bit}").into(),
        };
        let mut set: Vec<Arc<str>> = bits.map(name).collect();
        set.sort();
        ClassSet(set)
    }
}

/// An interface's name and role, from its description.
pub fn nic(interface: &InterfaceSecond) -> Nic {
    Nic {
        name: interface.name.clone(),
        role: interface.role,
    }
}

/// Something that a dictionary numbers.
pub trait Word: Clone + Eq + Hash {
    type Id: Copy + Eq + Hash;
    fn id(number: u32) -> Self::Id;
    fn number(id: Self::Id) -> u32;
    /// The table from number to word, and the one back.
    fn tables() -> (ById, ByWord);
    fn encode(&self) -> Vec<u8>;
    fn decode(bytes: &[u8]) -> Result<Self, Damaged>;
}

pub(super) type ById = TableDefinition<'static, u32, &'static [u8]>;
pub(super) type ByWord = TableDefinition<'static, &'static [u8], u32>;

macro_rules! numbered {
    ($id:ident, $by_id:literal, $by_word:literal) => {
        type Id = $id;
        fn id(number: u32) -> $id {
            $id(number)
        }
        fn number(id: $id) -> u32 {
            id.0
        }
        fn tables() -> (ById, ByWord) {
            (TableDefinition::new($by_id), TableDefinition::new($by_word))
        }
    };
}

impl Word for App {
    numbered!(AppId, "apps", "apps_by_word");

    fn encode(&self) -> Vec<u8> {
        let mut out = Out::default();
        out.bytes(self.name.as_bytes());
        out.byte(u8::from(self.path.is_some()) | u8::from(self.user.is_some()) << 1);
        if let Some(path) = &self.path {
            out.bytes(path.as_bytes());
        }
        if let Some(user) = self.user {
            out.number(user.into());
        }
        out.0
    }

    fn decode(bytes: &[u8]) -> Result<App, Damaged> {
        let mut input = In(bytes);
        let name = input.text()?.into();
        let flags = input.byte()?;
        let path = (flags & 1 != 0).then(|| input.text()).transpose()?;
        let user = (flags & 2 != 0).then(|| input.small()).transpose()?;
        input.end()?;
        let path = path.map(Arc::from);
        Ok(App { name, path, user })
    }
}

impl Word for Site {
    numbered!(SiteId, "sites", "sites_by_word");

    fn encode(&self) -> Vec<u8> {
        match self {
            Site::Other => vec![0],
            Site::Forgotten => vec![2],
            Site::Address(IpAddr::V4(four)) => [&[4][..], &four.octets()].concat(),
            Site::Address(IpAddr::V6(six)) => [&[6][..], &six.octets()].concat(),
            Site::Name(name) => [&[1][..], name.as_bytes()].concat(),
        }
    }

    fn decode(bytes: &[u8]) -> Result<Site, Damaged> {
        let mut input = In(bytes);
        let site = match input.byte()? {
            0 => Site::Other,
            2 => Site::Forgotten,
            4 => Site::Address(input.array::<4>()?.into()),
            6 => Site::Address(input.array::<16>()?.into()),
            1 => {
                let name = std::str::from_utf8(std::mem::take(&mut input.0));
                Site::Name(
                    name.map_err(|_| Damaged("a name that is not UTF-8"))?
                        .into(),
                )
            }
            _ => return Err(Damaged("a kind of site that is not known here")),
        };
        input.end()?;
        Ok(site)
    }
}

impl Word for Nic {
    numbered!(NicId, "interfaces", "interfaces_by_word");

    fn encode(&self) -> Vec<u8> {
        let mut out = Out::default();
        out.byte(code(&ROLES, &self.role));
        out.bytes(self.name.as_bytes());
        out.0
    }

    fn decode(bytes: &[u8]) -> Result<Nic, Damaged> {
        let mut input = In(bytes);
        let role = word(&ROLES, input.byte()?)?;
        let name = input.text()?.into();
        input.end()?;
        Ok(Nic { name, role })
    }
}

impl Word for ClassSet {
    numbered!(ClassesId, "classes", "classes_by_word");

    fn encode(&self) -> Vec<u8> {
        let mut out = Out::default();
        out.number(self.0.len() as u64);
        self.0.iter().for_each(|name| out.bytes(name.as_bytes()));
        out.0
    }

    fn decode(bytes: &[u8]) -> Result<ClassSet, Damaged> {
        let mut input = In(bytes);
        let count: u8 = input.small()?;
        let names = (0..count).map(|_| input.text().map(Arc::from));
        let set = ClassSet(names.collect::<Result<_, _>>()?);
        input.end()?;
        Ok(set)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comes_back<W: Word + std::fmt::Debug>(word: W) {
        let bytes = word.encode();
        assert_eq!(W::decode(&bytes), Ok(word));
        for end in 0..bytes.len() {
            let _: Result<W, Damaged> = W::decode(&bytes[..end]);
        }
    }

    #[test]
    fn words_come_back() {
        comes_back(App::unknown());
        comes_back(App {
            name: "curl".into(),
            path: Some("/usr/bin/curl".into()),
            user: Some(1000),
        });
        comes_back(App::forgotten());
        comes_back(Site::Other);
        comes_back(Site::Forgotten);
        comes_back(Site::Name("example.org".into()));
        comes_back(Site::Address("192.0.2.1".parse().unwrap()));
        comes_back(Site::Address("2001:db8::1".parse().unwrap()));
        comes_back(ClassSet::default());
        comes_back(ClassSet(vec!["dns".into(), "web".into()]));
        comes_back(Nic {
            name: "eth0".into(),
            role: Role::Uplink,
        });
    }
}
