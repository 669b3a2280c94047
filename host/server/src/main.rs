//! The binary `wharf`.

use std::process::ExitCode;

use clap::Parser;
use server::cli::{Cli, Command};
use server::report::USAGE;
use server::{commands, compile, memory};

fn main() -> ExitCode {
    memory::give_back_early();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers, everything else is a mistake on the command line.
            let code = if error.use_stderr() { USAGE } else { 0 };
            drop(error.print());
            return ExitCode::from(code);
        }
    };
    let result = match cli.command {
        Command::Up(options) => commands::up(options),
        Command::Serve(options) => commands::serve(&options),
        Command::Check(options) => commands::check(&options),
        Command::Compile(options) => compile::run(&options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(refusal) => {
            refusal.print();
            ExitCode::from(refusal.exit_code())
        }
    }
}
