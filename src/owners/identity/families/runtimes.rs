//! What runs programs that were compiled for it, or for another machine; and rarer languages.

use super::Meaning::{Code, File, Helps, Module, Value};
use super::Operand::{Assembly, Class, Dotted};
use super::{Family, family, lettered};

pub(super) static FAMILIES: &[Family] = &[
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
