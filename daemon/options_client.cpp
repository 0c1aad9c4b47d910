// The commands that talk to a running daemon.
#include "daemon/options_parts.hpp"

namespace rowferry {
namespace {

constexpr std::int64_t kLettersMax = 1000;

void add_api(CLI::App& command, Options& options) {
  command.add_option("--api", options.api.url, "http(s)://HOST:PORT or unix:/PATH; ROWFERRY_API")
      ->type_name("URL")
      ->capture_default_str();
  command
      .add_option("--token-file", options.api.token_file,
                  "A file with the daemon's token; ROWFERRY_TOKEN_FILE")
      ->type_name("FILE");
  command
      .add_option("--ca-file", options.api.ca_file,
                  "PEM: the authority of its certificate; ROWFERRY_CA_FILE")
      ->type_name("FILE");
}

void add_json(CLI::App& command, Options& options) {
  command.add_flag("--json", options.json, "Print the daemon's answer as JSON on standard output");
}

void add_job(CLI::App& command, Options& options, const char* meaning) {
  command.add_option("JOB", options.job, meaning)->type_name("");
}

void add_job_or_all(CLI::App& command, Options& options) {
  add_job(command, options, "The job's name; not needed where there is only one job");
  command.add_flag("--all", options.all, "Every job")->excludes(command.get_option("JOB"));
}

void add_wait(CLI::App& command, Options& options) {
  command.add_flag("--wait", options.wait,
                   "Wait for the end of the run, with a progress line on a terminal");
}

void add_status(CLI::App& program, Options& options) {
  CLI::App* command = program.add_subcommand("status", "Show the jobs of a running daemon");
  add_job(*command, options, "Show everything about this job");
  add_json(*command, options);
  add_api(*command, options);
  command->callback([&options] { options.command = Command::status; });
  command->footer(
      "Examples:\n"
      "  rowferry status\n"
      "  rowferry status movies\n"
      "  rowferry status --api unix:/run/rowferry/api.sock\n"
      "  rowferry status --json | jq '.items[] | select(.state == \"failed\") | .name'\n"
      "\n"
      "Ends with 0, 2 when there is no such job, 3 when the daemon cannot be reached or refuses "
      "the\n"
      "token.\n");
}

void add_trigger(CLI::App& program, Options& options) {
  CLI::App* command = program.add_subcommand("trigger", "Start a run in a running daemon");
  add_job_or_all(*command, options);
  command->add_option("--type", options.run_type, "What to do: sync where nothing is said")
      ->type_name("TYPE")
      ->check(CLI::IsMember(
          {"sync", "full", "backfill", "reconcile", "validate", "rebuild", "rollback", "sweep"}));
  command->add_option("--from", options.from, "Begin of a backfill")->type_name("DATE");
  command->add_option("--to", options.to, "End of a backfill")->type_name("DATE");
  add_wait(*command, options);
  add_json(*command, options);
  add_api(*command, options);
  command->callback([&options] { options.command = Command::trigger; });
  command->footer(
      "A sync that is asked for while one is running is that one. With --from or --to the type is\n"
      "backfill unless --type says otherwise.\n"
      "\n"
      "Examples:\n"
      "  rowferry trigger movies\n"
      "  rowferry trigger movies --type full --wait\n"
      "  rowferry trigger visits --from 2024-01-01 --to 2024-01-31\n"
      "\n"
      "Ends with 0, 1 when the job is in no state for it (paused), 2 when there is no such job, 3\n"
      "when the daemon cannot be reached or refuses the token. With --wait also 1 when the run\n"
      "failed, 4 when rows went to the dead letters.\n");
}

void add_steering(CLI::App& program, Options& options) {
  CLI::App* pause =
      program.add_subcommand("pause", "Pause a job of a running daemon until it is resumed");
  pause->callback([&options] { options.command = Command::pause; });
  pause->footer(
      "The batch in flight is finished. A pause lasts across restarts.\n"
      "\n"
      "Examples:\n"
      "  rowferry pause movies\n"
      "  rowferry pause --all\n");
  CLI::App* resume = program.add_subcommand("resume", "Let a paused job of a running daemon go on");
  resume->callback([&options] { options.command = Command::resume; });
  resume->footer("Examples:\n  rowferry resume movies\n  rowferry resume --all\n");
  CLI::App* cancel =
      program.add_subcommand("cancel", "End what a job of a running daemon is doing");
  cancel->callback([&options] { options.command = Command::cancel; });
  cancel->footer(
      "It ends after the batch in flight. What was written is saved. A job with a schedule runs\n"
      "again when its time comes: pause it to keep it still.\n"
      "\n"
      "Examples:\n"
      "  rowferry cancel movies\n"
      "\n"
      "Ends with 1 when no run of the job is under way.\n");
  for (CLI::App* command : {pause, resume, cancel}) {
    add_job_or_all(*command, options);
    add_json(*command, options);
    add_api(*command, options);
  }
}

CLI::App* add_letters_command(CLI::App& letters, Options& options, const char* name,
                              const char* meaning) {
  CLI::App* command = letters.add_subcommand(name, meaning);
  command->add_option("JOB", options.job, "The job's name")->required()->type_name("");
  command->add_option("--reason", options.reason, "Only those whose reason has this in it")
      ->type_name("TEXT");
  return command;
}

void add_dead_letters(CLI::App& program, Options& options) {
  CLI::App* letters = program.add_subcommand(
      "dead-letters", "List, replay or drop the rows that a sink refused for good");
  letters->require_subcommand(1);
  letters->footer("See rowferry help dead-letters list, replay and drop.\n");
  CLI::App* list = add_letters_command(*letters, options, "list", "Show the rows and the reasons");
  list->add_option("--limit", options.limit, "How many, the newest first")
      ->type_name("COUNT")
      ->check(CLI::Range(std::int64_t{1}, kLettersMax))
      ->capture_default_str();
  list->callback([&options] { options.command = Command::dead_letters_list; });
  list->footer(
      "Examples:\n"
      "  rowferry dead-letters list movies\n"
      "  rowferry dead-letters list movies --json | jq '.items[].row'\n");
  CLI::App* replay = add_letters_command(*letters, options, "replay",
                                         "Send the rows again, as they are in the source now");
  add_wait(*replay, options);
  replay->callback([&options] { options.command = Command::dead_letters_replay; });
  replay->footer(
      "Never overwrites a newer state of a row.\n"
      "\n"
      "Examples:\n"
      "  rowferry dead-letters replay movies --wait\n");
  CLI::App* drop = add_letters_command(*letters, options, "drop", "Forget the rows for good");
  drop->callback([&options] { options.command = Command::dead_letters_drop; });
  drop->footer(
      "Examples:\n"
      "  rowferry dead-letters drop movies --reason 'a number is no date'\n");
  for (CLI::App* command : {list, replay, drop}) {
    add_json(*command, options);
    add_api(*command, options);
  }
}

}  // namespace

void add_client_commands(CLI::App& program, Options& options) {
  add_status(program, options);
  add_trigger(program, options);
  add_steering(program, options);
  add_dead_letters(program, options);
}

}  // namespace rowferry
