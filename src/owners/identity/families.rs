//! The programs that run other programs: their names, and which of their options take a value, run
//! code from the command line or name what is run. `languages` and `machines` are the tables.

mod runtimes;
mod scripts;

/// What an option means for the search of what is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Its value is the next argument, or what is attached.
    Value,
    /// Its value is always attached.
    Attached,
    /// Its value is code: no file is run.
    Code,
    /// Its value is a module's name.
    Module,
    /// Its value is the file that is run.
    File,
    /// It is there only in parts of an app that the app itself starts.
    Helps,
}

/// What the first argument that is no option has to look like to be a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operand {
    Any,
    /// With a dot or a slash; else it is one of the interpreter's own commands.
    Dotted,
    /// The name of a Java class, or a file of its source.
    Class,
    /// `.dll` or `.exe`.
    Assembly,
}

pub(super) struct Family {
    /// In lower case, without a version.
    pub names: &'static [&'static str],
    pub options: &'static [(&'static str, Meaning)],
    /// Letters after one dash are options each: `-um` is `-u -m`.
    pub letters: bool,
    /// Words that may stand before the program: `deno run x.ts`.
    pub words: &'static [&'static str],
    pub operand: Operand,
}

const fn family(
    names: &'static [&'static str],
    options: &'static [(&'static str, Meaning)],
) -> Family {
    Family {
        names,
        options,
        letters: false,
        words: &[],
        operand: Operand::Any,
    }
}

const fn lettered(
    names: &'static [&'static str],
    options: &'static [(&'static str, Meaning)],
) -> Family {
    Family {
        letters: true,
        ..family(names, options)
    }
}

/// The family that a program with this file name belongs to: `python3.12` to `python`.
pub(super) fn family_of(file_name: &str) -> Option<&'static Family> {
    let name = file_name.to_ascii_lowercase();
    let is_version = |letter: char| letter.is_ascii_digit() || letter == '.';
    let bare = name.trim_end_matches(is_version);
    let bare = if bare == name {
        bare
    } else {
        bare.trim_end_matches('-')
    };
    let families = || scripts::FAMILIES.iter().chain(runtimes::FAMILIES);
    let known = |name: &str| families().find(|family| family.names.contains(&name));
    known(bare).or_else(|| known(&name))
}
