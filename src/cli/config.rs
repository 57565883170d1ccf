//! `netmonitor config`: the settings that hold and who set them, whether a file is right, and which
//! file it is.

use super::arguments::Common;
use super::{Error, settings, text};
use crate::config::{self, Key, Loaded, Origin, Setting};
use crate::platform;
use clap::{Args, Subcommand};
use std::io::{self, Write};
use std::path::PathBuf;

/// Show or check the configuration.
#[derive(Debug, Args)]
pub(super) struct Given {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print every setting as TOML, with where its value comes from.
    Show,
    /// Say whether a configuration file is right; without a name, the one that would be read.
    Check {
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Print which file is read.
    Path,
}

pub(super) fn run(given: &Given, common: &Common) -> Result<(), Error> {
    let mut out = text::stdout();
    match &given.what {
        What::Show => show(&settings::load(common, Vec::new())?, &mut out)?,
        What::Check { file } => check(file.clone(), common, &mut out)?,
        What::Path => writeln!(out, "{}", path(common).display())?,
    }
    Ok(out.flush()?)
}

fn path(common: &Common) -> PathBuf {
    common.config.clone().unwrap_or_else(platform::config_file)
}

fn check(file: Option<PathBuf>, common: &Common, out: &mut impl Write) -> Result<(), Error> {
    let asked = file.or_else(|| common.config.clone());
    let loaded = config::load(&settings::sources(common, asked, Vec::new()))?;
    match loaded.file {
        Some(file) => writeln!(out, "{} is right", file.display())?,
        None => writeln!(
            out,
            "there is no {}: the defaults hold, and they are right",
            path(common).display()
        )?,
    }
    Ok(())
}

/// A file that says what holds now: settings without a section, then section by section.
fn show(loaded: &Loaded, out: &mut impl Write) -> io::Result<()> {
    let (plain, within): (Vec<_>, Vec<_>) = loaded
        .settings
        .iter()
        .partition(|(key, _)| !key.contains('.'));
    for (name, setting) in plain {
        line(name, name, setting, out)?;
    }
    let mut current = "";
    for (key, setting) in within {
        let (section, name) = config::split(key);
        if section != current {
            writeln!(out, "\n[{section}]")?;
            current = section;
        }
        line(key, name, setting, out)?;
    }
    Ok(())
}

fn line(key: &str, name: &str, setting: &Setting, out: &mut impl Write) -> io::Result<()> {
    let about = Key::find(key).map_or("", |known| known.about);
    let said = toml::Table::from_iter([(name.to_owned(), setting.value.clone())]).to_string();
    let origin = match &setting.origin {
        Origin::Default => "default".to_owned(),
        set => format!("set by {set}"),
    };
    writeln!(out, "{}  # {origin}: {about}", said.trim_end())
}
