//! `netmonitor token`: the access token of the service that keeps its data in this folder.

use super::arguments::Common;
use super::{Error, settings, text};
use crate::api::Token;
use std::io::Write;
use std::path::Path;

pub(super) fn run(common: &Common) -> Result<(), Error> {
    let config = settings::load(common, Vec::new())?.config;
    let mut out = text::stdout();
    writeln!(out, "{}", read(&config.data_dir)?.text())?;
    Ok(out.flush()?)
}

/// The token in a data folder; that there is none is an error.
pub(super) fn read(folder: &Path) -> Result<Token, Error> {
    Token::read(folder)?.ok_or_else(|| Error::NoToken {
        path: folder.to_owned(),
    })
}
