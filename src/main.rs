//! Arguments in, `cli::run`, exit code out.

fn main() -> std::process::ExitCode {
    netmonitor::cli::run(std::env::args_os())
}
