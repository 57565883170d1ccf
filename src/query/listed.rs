//! What lists of the most of something are made of: one thing, what it is called, and how much was of it.

use super::error::Error;
use super::filter::UNKNOWN;
use super::look::Look;
use super::seen::Seen;
use super::shape::Counts;
use super::summary::Kind;
use super::words::public;
use crate::names::shown;
use crate::store::{AppId, SiteId};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// One of a kind, and what was of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Listed {
    /// What the parameter of its kind takes to choose it alone; `null` for a talk, and for what the
    /// file does not have yet.
    pub key: Option<String>,
    pub name: String,
    /// The name as a person may read it: internationalised letters, unless they could mislead.
    pub shown: String,
    /// Of an application, or a talk's.
    pub path: Option<String>,
    /// Of an application, or a talk's: who started it.
    pub user: Option<u32>,
    /// Of a talk: the site that its application talked to.
    pub site: Option<String>,
    /// Of an application or a site, in the whole history: `null` of anything else, and until the file
    /// has it.
    pub first_seen: Option<String>,
    /// The same, to two minutes.
    pub last_seen: Option<String>,
    #[serde(flatten)]
    pub counts: Counts,
}

/// What is listed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Group {
    App(AppId),
    Site(SiteId),
    Kind(Kind),
    Talk(AppId, SiteId),
    /// A domain, an interface, a country, a class or a direction.
    Word(Arc<str>),
    User(Option<u32>),
}

pub(super) fn describe(look: &mut Look, group: &Group, counts: Counts) -> Result<Listed, Error> {
    let named = |key: Option<String>, name: String| Listed {
        shown: name.clone(),
        key,
        name,
        counts,
        ..Listed::default()
    };
    Ok(match group {
        Group::App(id) => {
            let app = look.app(*id)?;
            let seen = look.app_seen(*id)?.map(Seen::from).unwrap_or_default();
            Listed {
                first_seen: seen.first,
                last_seen: seen.last,
                path: app.path.map(|path| path.to_string()),
                user: app.user,
                ..named(public(id.0).map(|id| id.to_string()), app.name.to_string())
            }
        }
        Group::Site(id) => {
            let name = look.site(*id)?.to_string();
            let seen = look.site_seen(*id)?.map(Seen::from).unwrap_or_default();
            Listed {
                first_seen: seen.first,
                last_seen: seen.last,
                shown: shown(&name).into_owned(),
                ..named(Some(name.clone()), name)
            }
        }
        Group::Talk(app, site) => {
            let site = look.site(*site)?.to_string();
            Listed {
                key: None,
                site: Some(site),
                first_seen: None,
                last_seen: None,
                ..describe(look, &Group::App(*app), counts)?
            }
        }
        Group::Kind(kind) => {
            let name = kind.name();
            let key = matches!(kind, Kind::Flowed(_)).then(|| name.clone());
            named(key, name)
        }
        Group::Word(word) => Listed {
            shown: shown(word).into_owned(),
            ..named(Some(word.to_string()), word.to_string())
        },
        Group::User(user) => {
            let name = user.map_or_else(|| UNKNOWN.into(), |user| user.to_string());
            Listed {
                user: *user,
                ..named(Some(name.clone()), name)
            }
        }
    })
}
