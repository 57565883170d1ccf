//! The rules of the house, read from its source: a room uses only rooms listed above it in
//! `src/lib.rs`; only `platform/` asks which system this is or holds `unsafe`, each with its SAFETY
//! line; only `clock.rs` reads a clock; only `cli/` prints, and tests their figures; every file says what it is.
//! It reads tokens, not types: what a macro of another crate expands to is not seen.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test may stop at what it cannot read"
)]

#[path = "layers/checker.rs"]
mod checker;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// A file of the house: its place under `src/`, the room it belongs to, its text.
struct Source {
    path: PathBuf,
    room: String,
    /// How many modules lie between it and the crate's root, itself included.
    depth: usize,
    text: String,
}

/// A rule broken: where, and what.
type Finding = (PathBuf, usize, String);

#[test]
fn the_house_keeps_its_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let rooms = rooms(&read(&root.join("lib.rs")));
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    assert!(rooms.len() > 15 && files.len() >= rooms.len());
    let findings: Vec<Finding> = files.iter().flat_map(|file| check(file, &rooms)).collect();
    assert!(findings.is_empty(), "{}", report(&findings));
}

fn report(findings: &[Finding]) -> String {
    let mut text = String::from("\n");
    for (path, line, what) in findings {
        let _ = writeln!(text, "src/{}:{line}: {what}", path.display());
    }
    text
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<Source>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(source(path.strip_prefix(root).unwrap(), read(&path)));
        }
    }
}

fn source(path: &Path, text: String) -> Source {
    let module = path.with_extension("");
    let names: Vec<&str> = module.iter().filter_map(|name| name.to_str()).collect();
    let depth = match names.as_slice() {
        ["lib" | "main"] => 0,
        [.., "mod"] => names.len() - 1,
        _ => names.len(),
    };
    Source {
        path: path.to_owned(),
        room: names[0].to_owned(),
        depth,
        text,
    }
}

/// The rooms in the order in which `lib.rs` lists them.
fn rooms(lib: &str) -> Vec<String> {
    let tokens = tokens(lib);
    let modules = tokens.windows(2).filter(|pair| is(&pair[0], "mod"));
    modules.map(|pair| pair[1].to_string()).collect()
}

fn check(file: &Source, rooms: &[String]) -> Vec<Finding> {
    let tree = tokens(&file.text);
    let mut found = Vec::new();
    if !file.text.trim_start().starts_with("//!") {
        found.push((1, "has no `//!` header".to_owned()));
    }
    walk(&tree, file.depth, &mut |tokens, depth| {
        found.extend(layer(file, rooms, tokens, depth));
        found.extend(system(file, tokens));
        found.extend(clock(file, tokens));
        found.extend(printing(file, tokens));
    });
    found.extend(safety(file, &tree));
    let place = |(line, what)| (file.path.clone(), line, what);
    found.into_iter().map(place).collect()
}

/// Calls `look` at every token of the tree with what follows it in its group, and with how deep in
/// modules it is.
fn walk(tokens: &[TokenTree], depth: usize, look: &mut impl FnMut(&[TokenTree], usize)) {
    for (at, token) in tokens.iter().enumerate() {
        look(&tokens[at..], depth);
        if let TokenTree::Group(group) = token {
            let inline = at >= 2 && is(&tokens[at - 2], "mod") && braced(token);
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            walk(&inner, depth + usize::from(inline), look);
        }
    }
}

fn tokens(text: &str) -> Vec<TokenTree> {
    let stream: TokenStream = text.parse().expect("the source is Rust");
    stream.into_iter().collect()
}

fn is(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

fn braced(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

fn line(token: &TokenTree) -> usize {
    token.span().start().line
}

/// What comes after `::`, if that is what comes.
fn after_colons(tokens: &[TokenTree]) -> Option<&[TokenTree]> {
    match tokens {
        [TokenTree::Punct(a), TokenTree::Punct(b), rest @ ..]
            if a.as_char() == ':' && b.as_char() == ':' =>
        {
            Some(rest)
        }
        _ => None,
    }
}

/// Do these tokens begin with `first::second`?
fn path_is(tokens: &[TokenTree], first: &str, second: &str) -> bool {
    tokens.first().is_some_and(|token| is(token, first))
        && after_colons(&tokens[1..])
            .and_then(<[TokenTree]>::first)
            .is_some_and(|token| is(token, second))
}

/// Do these tokens begin with the macro call `name!`?
fn calls_macro(tokens: &[TokenTree], name: &str) -> bool {
    matches!(tokens, [word, TokenTree::Punct(mark), ..] if is(word, name) && mark.as_char() == '!')
}

/// The one-way rule, for a path that begins here and leads through the crate's root.
fn layer(
    file: &Source,
    rooms: &[String],
    tokens: &[TokenTree],
    depth: usize,
) -> Vec<(usize, String)> {
    let own = rank(rooms, &file.room);
    let from_root = from_root(tokens, depth);
    let wrong = |name: &TokenTree| match (rank(rooms, &name.to_string()), own) {
        _ if file.room == "lib" || is(name, &file.room) => None,
        (None, _) => Some(format!("`{name}` is no room of src/lib.rs")),
        (Some(_), None) if !is(name, "cli") => Some(format!("main uses only `cli`, not `{name}`")),
        (Some(its), Some(own)) if its > own => Some(format!(
            "`{}` uses `{name}`, which is listed below it",
            file.room
        )),
        _ => None,
    };
    let named = from_root.iter();
    named
        .filter_map(|name| Some((line(name), wrong(name)?)))
        .collect()
}

fn rank(rooms: &[String], name: &str) -> Option<usize> {
    rooms.iter().position(|room| room == name)
}

/// The names that a path which begins here takes from the crate's root: one, or a group's.
fn from_root(tokens: &[TokenTree], depth: usize) -> Vec<TokenTree> {
    let Some(mut rest) = tokens.get(1..).and_then(after_colons) else {
        return Vec::new();
    };
    if is(&tokens[0], "super") {
        // The root is as many `super` away as the module is deep.
        let mut ups = 1;
        while rest.first().is_some_and(|token| is(token, "super")) {
            ups += 1;
            rest = after_colons(&rest[1..]).unwrap_or_default();
        }
        if ups != depth {
            return Vec::new();
        }
    } else if !is(&tokens[0], "crate") && !is(&tokens[0], "netmonitor") {
        return Vec::new();
    }
    match rest.first() {
        Some(TokenTree::Group(group)) => group_heads(group.stream()),
        Some(name) => vec![name.clone()],
        None => Vec::new(),
    }
}

/// The first token of each item of `{a::b, c::{d, e}}`.
fn group_heads(group: TokenStream) -> Vec<TokenTree> {
    let mut start = true;
    let mut heads = Vec::new();
    for token in group {
        let comma = matches!(&token, TokenTree::Punct(mark) if mark.as_char() == ',');
        if start && !comma {
            heads.push(token);
        }
        start = comma;
    }
    heads
}

/// Questions about the operating system: `target_os` and its kin, `unix`, `windows`.
fn system(file: &Source, tokens: &[TokenTree]) -> Option<(usize, String)> {
    const KIN: [&str; 3] = ["target_os", "target_family", "target_vendor"];
    let name = tokens.first()?;
    let asks = KIN.iter().any(|word| is(name, word))
        || ["linux", "macos"]
            .iter()
            .any(|system| path_is(tokens, "os", system))
        || is(name, "cfg") && cfg_body(tokens).is_some_and(mentions_family);
    (asks && file.room != "platform")
        .then(|| (line(name), format!("asks which system this is (`{name}`)")))
}

/// The parentheses of `cfg(...)` or `cfg!(...)`.
fn cfg_body(tokens: &[TokenTree]) -> Option<TokenStream> {
    match tokens.get(1..)? {
        [TokenTree::Group(group), ..] | [TokenTree::Punct(_), TokenTree::Group(group), ..] => {
            Some(group.stream())
        }
        _ => None,
    }
}

fn mentions_family(body: TokenStream) -> bool {
    body.into_iter().any(|token| match token {
        TokenTree::Group(group) => mentions_family(group.stream()),
        other => is(&other, "unix") || is(&other, "windows"),
    })
}

fn clock(file: &Source, tokens: &[TokenTree]) -> Option<(usize, String)> {
    const CLOCKS: [&str; 4] = ["Instant", "SystemTime", "Timestamp", "Zoned"];
    let reads = CLOCKS.iter().any(|clock| path_is(tokens, clock, "now"));
    (reads && file.room != "clock").then(|| (line(&tokens[0]), "reads a clock".to_owned()))
}

fn printing(file: &Source, tokens: &[TokenTree]) -> Option<(usize, String)> {
    const PRINTS: [&str; 5] = ["print", "println", "eprint", "eprintln", "dbg"];
    let prints = PRINTS.iter().any(|name| calls_macro(tokens, name));
    let may = file.room == "cli"
        || file
            .path
            .components()
            .any(|part| part.as_os_str() == "tests");
    (prints && !may).then(|| (line(&tokens[0]), "prints".to_owned()))
}

/// `unsafe` in `platform/` alone, and a SAFETY line of its own above each.
fn safety(file: &Source, tree: &[TokenTree]) -> Vec<(usize, String)> {
    let mut unsafes = Vec::new();
    walk(tree, 0, &mut |tokens, _| {
        if is(&tokens[0], "unsafe") {
            unsafes.push(line(&tokens[0]));
        }
    });
    let lines: Vec<&str> = file.text.lines().collect();
    let mut found = Vec::new();
    for (at, &line) in unsafes.iter().enumerate() {
        let previous = at.checked_sub(1).map_or(0, |before| unsafes[before]);
        let above = &lines[previous.max(line.saturating_sub(10)).min(line - 1)..line];
        if file.room != "platform" {
            found.push((line, "holds `unsafe`".to_owned()));
        } else if !above
            .iter()
            .any(|text| text.trim_start().starts_with("// SAFETY:"))
        {
            found.push((
                line,
                "`unsafe` without a `// SAFETY:` line above it".to_owned(),
            ));
        }
    }
    found
}
