// The commands that work on a configuration file.
#include "daemon/options_parts.hpp"

namespace rowferry {
namespace {

void add_config(CLI::App& command, Options& options) {
  command.add_option("--config", options.config, "The configuration file")
      ->required()
      ->type_name("FILE");
}

void add_serve(CLI::App& program, Options& options) {
  CLI::App* command =
      program.add_subcommand("serve", "Run the daemon in the foreground, until SIGTERM or SIGINT");
  add_config(*command, options);
  command->callback([&options] { options.command = Command::serve; });
  command->footer(
      "It starts although servers are unreachable, and finishes the batches in flight when it is\n"
      "told to stop.\n"
      "\n"
      "Examples:\n"
      "  rowferry serve --config /etc/rowferry/rowferry.yaml\n");
}

void add_check(CLI::App& program, Options& options) {
  CLI::App* command = program.add_subcommand(
      "check", "Validate the configuration, and look whether every connection and job can work");
  add_config(*command, options);
  command->add_flag("--offline", options.offline, "Do not connect to anything");
  command->callback([&options] { options.command = Command::check; });
  command->footer(
      "First every problem of the file, with line and key. Then, on standard output, what is\n"
      "right and wrong about servers, tables, keys, cursors, indexes, triggers, privileges and\n"
      "targets: a line each, with what mends it below. It changes nothing.\n"
      "\n"
      "Examples:\n"
      "  rowferry check --config rowferry.yaml\n"
      "  rowferry check --offline --config rowferry.yaml    # in a build, without servers\n"
      "\n"
      "Ends with 0 when all is right (there may be warnings), 2 when something is wrong (a table\n"
      "or column is missing), 3 when a server cannot be reached or refuses us.\n");
}

void add_plan(CLI::App& program, Options& options) {
  CLI::App* command = program.add_subcommand(
      "plan", "What each job would do: SQL, types, sample rows, warnings; writes nothing");
  add_config(*command, options);
  command->add_option("JOB", options.job, "Only this job")->type_name("");
  command->add_flag("--json", options.json, "Print the plan as JSON on standard output");
  command->callback([&options] { options.command = Command::plan; });
  command->footer(
      "The statements of a job with their EXPLAIN, rows and bytes expected, the types column by\n"
      "column, what would be made, three sample rows as read and as sent, the bound of its\n"
      "memory, and warnings with the statement that mends each. Nothing is written anywhere.\n"
      "\n"
      "Examples:\n"
      "  rowferry plan --config rowferry.yaml movies\n"
      "  rowferry plan --config rowferry.yaml --json\n"
      "\n"
      "Ends as `rowferry check` does.\n");
}

void add_run(CLI::App& program, Options& options) {
  CLI::App* command =
      program.add_subcommand("run", "One run of one job in the foreground, then exit");
  add_config(*command, options);
  command->add_option("JOB", options.job, "The job's name")->required()->type_name("");
  command->add_flag("--full", options.full, "Copy everything again");
  command->add_flag("--json", options.json, "Print the run as JSON on standard output");
  command->add_option("--from", options.from, "Begin of a backfill")->type_name("DATE");
  command->add_option("--to", options.to, "End of a backfill")->type_name("DATE");
  command->callback([&options] { options.command = Command::run; });
  command->footer(
      "For cron, Airflow and Kubernetes. It uses the same state as the daemon: what an\n"
      "interrupted run wrote is saved, and the same command goes on.\n"
      "\n"
      "Examples:\n"
      "  rowferry run --config rowferry.yaml movies\n"
      "  rowferry run --config rowferry.yaml --full --json movies\n"
      "\n"
      "Ends with 0 when it succeeded, 1 when it failed, 3 when a server could not be reached or "
      "the\n"
      "job is running, 4 when rows went to the dead letters.\n");
}

}  // namespace

void add_local_commands(CLI::App& program, Options& options) {
  add_serve(program, options);
  add_check(program, options);
  add_plan(program, options);
  add_run(program, options);
}

}  // namespace rowferry
