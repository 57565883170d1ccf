//! What an interpreter was called to run: its options are passed over, each in its family's way.

use super::families::{Family, Meaning, Operand};

/// What is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target<'a> {
    /// Nothing but the interpreter: it reads from a person, or runs code from the command line.
    Itself,
    /// A part of an app that does not say which.
    Helps,
    File(&'a str),
    Module(&'a str),
    Class(&'a str),
}

/// One argument, as far as it matters.
enum Step<'a> {
    Passed,
    /// The next one is a value.
    Value,
    Of(Meaning, Option<&'a str>),
    Operand(&'a str),
}

/// What these arguments, the interpreter's own name left out, have it run.
pub(super) fn target<'a>(family: &Family, arguments: &'a [String]) -> Target<'a> {
    let mut rest = arguments.iter().map(String::as_str);
    let mut otherwise = Target::Itself;
    let mut words = family.words;
    let mut ended = false;
    while let Some(argument) = rest.next() {
        let step = if ended {
            Step::Operand(argument)
        } else {
            step(family, argument)
        };
        match step {
            Step::Passed => ended = argument == "--",
            Step::Value => drop(rest.next()),
            Step::Of(Meaning::Helps, _) => otherwise = Target::Helps,
            Step::Of(option, value) => return valued(option, value.or_else(|| rest.next())),
            Step::Operand(word) if words.contains(&word) => words = &[],
            Step::Operand(_) if otherwise == Target::Helps => {}
            Step::Operand(operand) => return operand_of(family.operand, operand),
        }
    }
    otherwise
}

fn valued(option: Meaning, value: Option<&str>) -> Target<'_> {
    match (option, value) {
        (Meaning::File, Some(file)) => Target::File(file),
        (Meaning::Module, Some(module)) => Target::Module(module),
        (_, Some(code)) if code.starts_with("from multiprocessing.") => Target::Helps,
        _ => Target::Itself,
    }
}

fn operand_of(kind: Operand, operand: &str) -> Target<'_> {
    let ends = |end: &str| operand.to_ascii_lowercase().ends_with(end);
    match kind {
        Operand::Class if ends(".java") => Target::File(operand),
        Operand::Class => Target::Class(operand),
        Operand::Assembly if !ends(".dll") && !ends(".exe") => Target::Itself,
        Operand::Dotted if !operand.contains(['.', '/']) => Target::Itself,
        _ => Target::File(operand),
    }
}

fn step<'a>(family: &Family, argument: &'a str) -> Step<'a> {
    if argument == "-" {
        return Step::Of(Meaning::Code, Some(""));
    }
    if let Some(option) = meaning(family, argument) {
        return whole(option, None);
    }
    let is_option = argument.starts_with('-')
        || family.letters && argument.starts_with('+')
        || family.operand == Operand::Class && argument.starts_with('@');
    if !is_option {
        return Step::Operand(argument);
    }
    if let Some((name, value)) = argument.split_once('=')
        && let Some(option) = meaning(family, name)
    {
        return whole(option, Some(value));
    }
    if family.letters && !argument.starts_with("--") {
        return letters(family, argument);
    }
    Step::Passed
}

fn meaning(family: &Family, option: &str) -> Option<Meaning> {
    let found = family.options.iter().find(|(name, _)| *name == option);
    found.map(|(_, meaning)| *meaning)
}

fn whole(option: Meaning, value: Option<&str>) -> Step<'_> {
    match option {
        Meaning::Attached => Step::Passed,
        Meaning::Value if value.is_some() => Step::Passed,
        Meaning::Value => Step::Value,
        option => Step::Of(option, value),
    }
}

/// The first letter that takes a value has all that is behind it.
fn letters<'a>(family: &Family, argument: &'a str) -> Step<'a> {
    let sign = if argument.starts_with('+') { '+' } else { '-' };
    for (at, letter) in argument.char_indices().skip(1) {
        let behind = argument.get(at + letter.len_utf8()..);
        let attached = behind.filter(|behind| !behind.is_empty());
        match meaning(family, &format!("{sign}{letter}")) {
            Some(Meaning::Code) => return Step::Of(Meaning::Code, attached),
            Some(option) => return whole(option, attached),
            None => {}
        }
    }
    Step::Passed
}
