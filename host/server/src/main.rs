//! The binary `wharf`.

use std::process::ExitCode;

use clap::Parser;
use control::Verb;
use server::cli::{Cli, Command};
use server::report::USAGE;
use server::{aside, commands, compile, memory};

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
    if !cli.command.serves() {
        aside::give_way();
    }
    let json = cli.command.json();
    let result = match cli.command {
        Command::Up(options) => commands::up(options),
        Command::Serve(options) => commands::serve(&options),
        Command::Check(options) => commands::check(&options),
        Command::Plan(options) => commands::plan::run(&options),
        Command::Deploy(options) => commands::deploy::run(&options),
        Command::Status(options) => commands::status::run(&options),
        Command::Releases(options) => commands::releases::run(&options),
        Command::Promote(options) => commands::act::run(&options, Verb::Promote),
        Command::Pause(options) => commands::act::run(&options, Verb::Pause),
        Command::Resume(options) => commands::act::run(&options, Verb::Resume),
        Command::Abort(options) => commands::act::run(&options, Verb::Abort),
        Command::Rollback(options) => commands::rollback::run(&options),
        Command::Logs(options) => commands::logs::run(&options),
        Command::Audit(options) => commands::releases::audit(&options),
        Command::Queue(queue) => commands::queue::run(&queue),
        Command::Token(token) => commands::token::run(&token),
        Command::Compile(options) => compile::run(&options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(refusal) => {
            refusal.print(json);
            ExitCode::from(refusal.exit_code())
        }
    }
}
