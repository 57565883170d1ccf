//! The process that owns a connection, as the API tells it.

use super::shape::time_of;
use crate::label::App;
use crate::owners::{Parent, Process};
use serde::Serialize;
use utoipa::ToSchema;

/// One run of a program, and where it belongs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProcessItem {
    pub pid: u32,
    /// RFC 3339; `null` where it is not known. With the `pid` it names one run: numbers are used
    /// again.
    pub started: Option<String>,
    /// What the process is called that did it for the application, where that is another.
    pub via: Option<String>,
    pub container: Option<String>,
    /// The systemd unit.
    pub unit: Option<String>,
    /// The number of the user.
    pub user: Option<u32>,
    /// Who started it, and who started that, nearest first.
    pub parents: Vec<ParentItem>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ParentItem {
    pub pid: u32,
    pub name: String,
}

impl ProcessItem {
    /// A process of `app`: in the history its app stands with the label.
    pub fn of(process: &Process, app: &App) -> ProcessItem {
        ProcessItem {
            pid: process.run.pid,
            started: process.started.map(time_of),
            via: text(process.via.as_ref()),
            container: text(process.container.as_ref()),
            unit: text(process.unit.as_ref()),
            user: app.user,
            parents: process.parents.iter().map(ParentItem::of).collect(),
        }
    }
}

impl ParentItem {
    fn of(parent: &Parent) -> ParentItem {
        ParentItem {
            pid: parent.pid,
            name: parent.name.to_string(),
        }
    }
}

fn text(name: Option<&std::sync::Arc<str>>) -> Option<String> {
    name.map(ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::App;
    use crate::platform::Run;
    use crate::units::{NANOS, Nanos};

    #[test]
    fn a_process_is_told_whole() {
        let process = Process {
            run: Run {
                pid: 812,
                since: 90 * NANOS as u64,
            },
            started: Some(Nanos(1_767_322_890 * NANOS)),
            app: App {
                name: "firefox".into(),
                path: Some("/usr/lib/firefox/firefox".into()),
                user: Some(1000),
            },
            via: Some("socket-helper".into()),
            container: None,
            unit: Some("app-firefox.scope".into()),
            parents: vec![Parent {
                pid: 700,
                name: "gnome-shell".into(),
            }],
        };
        let told = ProcessItem::of(&process, &process.app);
        let json = serde_json::json!(told);
        assert_eq!(
            json,
            serde_json::json!({
                "pid": 812, "started": "2026-01-02T03:01:30Z", "via": "socket-helper",
                "container": null, "unit": "app-firefox.scope", "user": 1000,
                "parents": [{"pid": 700, "name": "gnome-shell"}],
            })
        );
    }
}
