//! The programs that run other programs, as a table: their names, and which of their options take
//! a value, run code from the command line or name what is run.

use Meaning::{Code, File, Helps, Module, Value};
use Operand::{Any, Assembly, Class, Dotted};

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

const A: Meaning = Meaning::Attached;

const fn family(
    names: &'static [&'static str],
    options: &'static [(&'static str, Meaning)],
) -> Family {
    Family {
        names,
        options,
        letters: false,
        words: &[],
        operand: Any,
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

static FAMILIES: &[Family] = &[
    lettered(
        &[
            "python",
            "pypy",
            "pythonw",
            "python-wrapped",
            "jython",
            "micropython",
        ],
        &[
            ("-W", Value),
            ("-X", Value),
            ("-Q", Value),
            ("-c", Code),
            ("-m", Module),
            ("--check-hash-based-pycs", Value),
        ],
    ),
    lettered(
        &["perl"],
        &[
            ("-I", Value),
            ("-M", A),
            ("-m", A),
            ("-x", A),
            ("-i", A),
            ("-C", A),
            ("-D", A),
            ("-F", A),
            ("-V", A),
            ("-d", A),
            ("-e", Code),
            ("-E", Code),
        ],
    ),
    lettered(
        &["ruby", "jruby", "truffleruby"],
        &[
            ("-I", Value),
            ("-r", Value),
            ("-C", Value),
            ("-E", Value),
            ("-X", Value),
            ("-W", A),
            ("-K", A),
            ("-x", A),
            ("-i", A),
            ("-F", A),
            ("-T", A),
            ("-e", Code),
            ("--encoding", Value),
            ("--external-encoding", Value),
            ("--internal-encoding", Value),
        ],
    ),
    Family {
        words: &["inspect", "debug"],
        ..family(
            &["node", "nodejs", "iojs"],
            &[
                ("-r", Value),
                ("--require", Value),
                ("--import", Value),
                ("--loader", Value),
                ("--experimental-loader", Value),
                ("-C", Value),
                ("--conditions", Value),
                ("--title", Value),
                ("--icu-data-dir", Value),
                ("--openssl-config", Value),
                ("--env-file", Value),
                ("--env-file-if-exists", Value),
                ("--input-type", Value),
                ("--unhandled-rejections", Value),
                ("--dns-result-order", Value),
                ("--max-http-header-size", Value),
                ("--redirect-warnings", Value),
                ("-e", Code),
                ("--eval", Code),
                ("-p", Code),
                ("--print", Code),
                ("-pe", Code),
                ("--run", Code),
            ],
        )
    },
    Family {
        words: &["run", "serve", "test", "bench"],
        operand: Dotted,
        ..family(
            &["deno"],
            &[
                ("-c", Value),
                ("--config", Value),
                ("-L", Value),
                ("--log-level", Value),
                ("--import-map", Value),
                ("--location", Value),
                ("--cert", Value),
                ("--seed", Value),
                ("--port", Value),
                ("--host", Value),
                ("--ext", Value),
                ("--preload", Value),
                ("eval", Code),
                ("task", Code),
            ],
        )
    },
    Family {
        words: &["run", "test"],
        operand: Dotted,
        ..family(
            &["bun"],
            &[
                ("-r", Value),
                ("--preload", Value),
                ("--cwd", Value),
                ("-c", Value),
                ("--config", Value),
                ("--env-file", Value),
                ("--port", Value),
                ("--define", Value),
                ("--tsconfig-override", Value),
                ("-e", Code),
                ("--eval", Code),
                ("-p", Code),
                ("--print", Code),
            ],
        )
    },
    lettered(
        &["php", "php-cgi"],
        &[
            ("-c", Value),
            ("-d", Value),
            ("-z", Value),
            ("-t", Value),
            ("-S", Value),
            ("-r", Code),
            ("-B", Code),
            ("-R", Code),
            ("-E", Code),
            ("-F", File),
            ("-f", File),
        ],
    ),
    lettered(
        &[
            "bash", "sh", "dash", "zsh", "ksh", "mksh", "oksh", "ash", "rbash", "yash",
        ],
        &[
            ("-o", Value),
            ("-O", Value),
            ("+o", Value),
            ("+O", Value),
            ("--rcfile", Value),
            ("--init-file", Value),
            ("-c", Code),
            ("-s", Code),
        ],
    ),
    lettered(
        &["fish"],
        &[
            ("-C", Value),
            ("--init-command", Value),
            ("-d", Value),
            ("-D", Value),
            ("-o", Value),
            ("-f", Value),
            ("-c", Code),
            ("--command", Code),
        ],
    ),
    Family {
        operand: Class,
        ..family(
            &["java", "javaw"],
            &[
                ("-cp", Value),
                ("-classpath", Value),
                ("--class-path", Value),
                ("-p", Value),
                ("--module-path", Value),
                ("--add-modules", Value),
                ("--add-opens", Value),
                ("--add-exports", Value),
                ("--add-reads", Value),
                ("--patch-module", Value),
                ("--limit-modules", Value),
                ("--upgrade-module-path", Value),
                ("--source", Value),
                ("--enable-native-access", Value),
                ("-jar", File),
                ("-m", Module),
                ("--module", Module),
            ],
        )
    },
    Family {
        words: &["exec"],
        operand: Assembly,
        ..family(
            &["dotnet"],
            &[
                ("--additionalprobingpath", Value),
                ("--additional-deps", Value),
                ("--depsfile", Value),
                ("--runtimeconfig", Value),
                ("--fx-version", Value),
                ("--roll-forward", Value),
            ],
        )
    },
    Family {
        operand: Assembly,
        ..family(
            &["mono", "mono-sgen"],
            &[("--config", Value), ("--runtime", Value)],
        )
    },
    lettered(
        &["lua", "luajit", "texlua"],
        &[("-e", Value), ("-l", Value), ("-j", Value)],
    ),
    family(&["rscript"], &[("-e", Code)]),
    family(
        &["r"],
        &[
            ("-g", Value),
            ("-d", Value),
            ("-e", Code),
            ("-f", File),
            ("--file", File),
        ],
    ),
    family(
        &["osascript"],
        &[("-l", Value), ("-s", Value), ("-e", Code)],
    ),
    Family {
        operand: Dotted,
        ..family(
            &["electron"],
            &[
                ("-r", Value),
                ("--require", Value),
                ("--type", Helps),
                ("--app-path", File),
                ("-e", Code),
                ("--eval", Code),
            ],
        )
    },
    family(&["tclsh", "wish"], &[("-encoding", Value)]),
    family(&["expect"], &[("-c", Value), ("-f", File)]),
    family(
        &["julia"],
        &[
            ("-e", Code),
            ("--eval", Code),
            ("-E", Code),
            ("--print", Code),
            ("-L", Value),
            ("--load", Value),
            ("-J", Value),
            ("--sysimage", Value),
            ("-p", Value),
            ("-t", Value),
            ("--threads", Value),
            ("-C", Value),
            ("-H", Value),
            ("-m", Module),
        ],
    ),
    family(
        &["guile"],
        &[
            ("-c", Code),
            ("-s", File),
            ("-l", Value),
            ("-e", Value),
            ("-L", Value),
            ("-C", Value),
        ],
    ),
    family(
        &["pwsh"],
        &[
            ("-File", File),
            ("-file", File),
            ("-f", File),
            ("-Command", Code),
            ("-command", Code),
            ("-c", Code),
            ("-EncodedCommand", Code),
            ("-ExecutionPolicy", Value),
            ("-WorkingDirectory", Value),
            ("-Version", Value),
        ],
    ),
    family(
        &[
            "ld-linux-x86-64.so",
            "ld-linux-aarch64.so",
            "ld-linux-armhf.so",
            "ld-linux.so",
            "ld-musl-x86_64.so",
            "ld-musl-aarch64.so",
        ],
        &[
            ("--library-path", Value),
            ("--preload", Value),
            ("--audit", Value),
            ("--argv0", Value),
            ("--inhibit-rpath", Value),
            ("--glibc-hwcaps-prepend", Value),
            ("--glibc-hwcaps-mask", Value),
        ],
    ),
    family(
        &[
            "qemu-aarch64",
            "qemu-aarch64-static",
            "qemu-arm",
            "qemu-arm-static",
            "qemu-x86_64",
            "qemu-x86_64-static",
            "qemu-riscv64",
            "qemu-riscv64-static",
        ],
        &[
            ("-0", Value),
            ("-L", Value),
            ("-E", Value),
            ("-U", Value),
            ("-cpu", Value),
            ("-g", Value),
            ("-s", Value),
            ("-B", Value),
            ("-R", Value),
            ("-p", Value),
            ("-D", Value),
            ("-d", Value),
        ],
    ),
];

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
    let known = |name: &str| FAMILIES.iter().find(|family| family.names.contains(&name));
    known(bare).or_else(|| known(&name))
}
