//! The committed object is what its source makes.

use std::path::Path;
use std::process::Command;

/// Compilers of other versions make other code of it, as right as this one's.
const COMPILER: &str = "clang version 14.";

fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What the programs do, and the maps and numbers that they do it with.
fn meaning(object: &Path) -> String {
    let mut command = Command::new("llvm-objdump");
    command.args(["--disassemble", "--reloc", "--full-contents"]);
    for section in [".maps", ".rodata", "license"] {
        command.args(["--section", section]);
    }
    let contents = output(command.arg(object)).unwrap();
    let mut command = Command::new("llvm-objdump");
    let code = output(command.args(["--disassemble", "--reloc"]).arg(object)).unwrap();
    let text = format!("{contents}{code}");
    let named = |line: &&str| !line.contains("file format");
    text.lines().filter(named).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_object_is_what_the_source_makes() {
    let version = output(Command::new("clang").arg("--version"));
    if !version.is_some_and(|it| it.contains(COMPILER)) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("owners.bpf.o");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = Command::new(root.join("scripts/bpf.sh"))
        .arg(&made)
        .status()
        .unwrap();
    assert!(script.success());
    let committed = meaning(&root.join("bpf/owners.bpf.o"));
    assert!(committed.contains("call"), "nothing was compared");
    assert!(
        committed == meaning(&made),
        "run `make bpf` and commit what it makes"
    );
}
