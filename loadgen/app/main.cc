// natsproof: proves or refutes latency claims about request/reply services on NATS.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/resource.h>

#include "base/nearest.h"
#include "loadgen/app/commands.h"
#include "loadgen/app/doctor.h"
#include "loadgen/app/options.h"
#include "loadgen/app/selftest/selftest.h"
#include "messaging/login_environment.h"

namespace natsproof {
namespace {

constexpr const char* kExitStatuses =
    "Exit status: 0 PROVEN (or no claims and a sound run), 1 REFUTED, 2 bad usage or plan, 3 "
    "INCONCLUSIVE, 4 INVALID,\n"
    "5 the stage could not be set (no server, no connection, no service answered), or what came of "
    "it could not be\nwritten. Of several runs (sweeps, packs): the worst in the order 5, 4, 1, 3, "
    "0.\n";

constexpr const char* kSelftestFooter =
    "Things whose size is known are done to runs on a nats-server and services of its own, on "
    "loopback,\n"
    "and must be found again. About a minute for all, up to three times that on a busy machine:\n"
    "  delays    (5 s) an echo waits 0.2, 1 and 5 ms before it answers: its service time is longer "
    "by\n"
    "            that, and by no more than what a timer ends late here\n"
    "  stops     (7 s) the service stands still for 200 ms (SIGSTOP), then the generator does: "
    "response\n"
    "            time of an open loop has all of it, for every request that it met; the "
    "generator's is\n"
    "            not in service time; a closed loop's p99 has nothing of it\n"
    "  liars     (30 s) services answer errors, wrong content, garbage, twice, too late, never, "
    "or\n"
    "            not always: none is PROVEN, while a sound one is; and nats-server's own counters\n"
    "            agree with ours\n"
    "  starved   (5 s) the generator shares its core with 16 busy processes: a gate says so, the "
    "service\n"
    "            is not blamed, and response time has what the generator held back\n"
    "  coverage  (1 s) verdicts on 10,000 simulated claims exactly at the edge: at most 5 % "
    "PROVEN, at\n"
    "            most 5 % REFUTED\n"
    "Each row says what was expected, what was found, and what follows:\n"
    "  holds      it was found\n"
    "  FAILS      it was not, and the machine cannot have made the difference: natsproof measures "
    "wrongly\n"
    "             here. Rely on no verdict from this machine, and report the table\n"
    "  not shown  it was not, and the machine may have made the difference (how long processes "
    "waited for\n"
    "             a core, by the kernel's count; or the kernel does not tell). That says nothing\n"
    "             of natsproof: run it again when nothing else runs\n"
    "What does not hold is tried up to three times; a row tells of the tries before. Run it on a "
    "new\n"
    "machine, and after an update, before you rely on a verdict. Needs nats-server, on PATH, in "
    "/usr/sbin\n"
    "or named by NATSPROOF_NATS_SERVER; no privileges.\n"
    "Exit status: 0 all hold, 1 one FAILS, 2 bad usage, 3 none FAILS but one could not be shown, "
    "4\n"
    "interrupted, 5 the stage could not be set or fell (no nats-server).\n";

// One value each time it is given: a vector's option would go on and take the words behind it, too.
CLI::Option* may_be_given_again(CLI::Option* option) {
  return option->expected(1)->allow_extra_args(false)->multi_option_policy(
      CLI::MultiOptionPolicy::TakeAll);
}

void add_server_options(CLI::App& command, ServerOptions& server) {
  may_be_given_again(command.add_option("-s,--server", server.urls,
                                        "A NATS server, nats://host:port; several for a cluster"))
      ->envname("NATS_URL")
      ->type_name("URL");
  command.add_option("--user", server.user, "User name, or without --password a token")
      ->envname("NATS_USER");
  command.add_option("--password", server.password, "Password")->envname("NATS_PASSWORD");
}

void add_plan_options(CLI::App& command, RunOptions& run) {
  command.add_option(
      "PLAN", run.plan,
      "A plan file, the folder of a pack of plans, or a built-in name (see `natsproof "
      "scenarios`)");
  command
      .add_option("--set", run.set,
                  "Change a key of the plan: load.rate=5000/s, tasks.0.timeout=1s")
      ->type_name("PATH=VALUE");
  command
      .add_option("--sweep", run.sweep,
                  "Run the plan once for each of these values: load.users=1,10,50; several "
                  "multiply")
      ->type_name("PATH=VALUES");
  command.add_option("--repetitions", run.repetitions, "Instead of the plan's; a verdict needs 5")
      ->check(CLI::Range(1U, 1000U))
      ->type_name("N");
  command.add_option("--time", run.time, "Scale warm-up, duration and profile, as in 0.1x")
      ->type_name("FACTOR");

  command.add_flag("--trace", run.trace,
                   "One more repetition, not judged, that tells where the time goes (as `--set "
                   "trace=true`)");

  const char* own = "A service of your own, in one line";
  command.add_option("--subject", run.subject, "The subject to ask")->group(own);
  command.add_option("--rate", run.rate, "Requests a second, as in 5000/s (open loop, Poisson)")
      ->group(own);
  command.add_option("--claim", run.claims, "As in 'response p99 < 1ms'; may be given again")
      ->group(own);
  command.add_option("--request", run.request_file, "File with the request's payload")
      ->group(own)
      ->type_name("FILE");
  command
      .add_option("--header", run.headers,
                  "As in 'Content-Type: application/json'; may be given again")
      ->group(own);
  command
      .add_option("--expect", run.expect,
                  "What a right reply is: no_error (content not verified, the default), same, "
                  "'contains: TEXT', "
                  "'equals_file: FILE'")
      ->group(own);
  for (const char* option : {"--claim", "--header", "--set", "--sweep"})
    may_be_given_again(command.get_option(option));
}

// As many connections as the system lets us have: the usual 1,024 files are few for a plan of a
// thousand connections. Children have it from us.
void raise_file_limit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

// What is wrong with the first word; empty: it is a command or an option, or there is none. CLI11
// would take a mistyped command for a stray word and ask for a command.
std::string unknown_command(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return {};
  std::vector<std::string> known;
  for (const CLI::App* command : app.get_subcommands({})) known.push_back(command->get_name());
  if (std::find(known.begin(), known.end(), argv[1]) != known.end()) return {};
  return fmt::format("there is no command `{}`{}", argv[1], did_you_mean(argv[1], known));
}

int run_main(int argc, char** argv) {
  CLI::App app{
      "Proves or refutes latency claims about request/reply services on NATS.\n"
      "Try `natsproof run baseline`, then `natsproof run --server URL --subject S --rate 1000/s "
      "--claim 'response p99 < "
      "5ms'`.",
      "natsproof"};
  app.require_subcommand(1);
  app.footer(kExitStatuses);
  app.set_version_flag("--version", NATSPROOF_VERSION);
  app.get_formatter()->column_width(34);
  int status = 0;

  RunOptions run;
  run.command_line.assign(argv, argv + argc);
  CLI::App* command = app.add_subcommand("run", "Run a plan and judge its claims");
  add_plan_options(*command, run);
  add_server_options(*command, run.server);
  command->add_option("--out", run.out,
                      "Folder for the results; results/<UTC time>-<plan name> by default");
  command->add_flag("--quiet", run.quiet, "No progress: the report, and where it is saved");
  command->add_flag(
      "--yes", run.yes,
      "Run although services of the same names answer on a server that is not loopback");
  command->footer(
      "Without --server, a nats-server and the plan's services are started on loopback and taken "
      "down again.\n" +
      std::string(kExitStatuses));
  command->callback([&] { status = run_command(run); });

  command = app.add_subcommand("check", "What a plan will do and can prove; runs nothing");
  add_plan_options(*command, run);
  command->callback([&] { status = check_command(run); });

  std::string scenario;
  command = app.add_subcommand("scenarios",
                               "List the built-in plans, or print one, or list those of a pack");
  command->add_option("NAME", scenario, "The plan to print, or the pack");
  command->callback([&] { status = scenarios_command(scenario); });

  ServeCommandOptions serve;
  command = app.add_subcommand(
      "serve", "Answer as one or more of the sample services, until SIGTERM or Ctrl-C");
  command
      ->add_option("SERVICE", serve.services,
                   "Which ones: analytics, bulk, echo, fraud, health, inventory, orders, "
                   "payment, probe")
      ->required();
  add_server_options(*command, serve.server);
  command->add_option("--prefix", serve.prefix, "Of the subjects")->capture_default_str();
  command->add_option("--client", serve.client, "wire, nats.c (tuned) or nats.c-default")
      ->check(CLI::IsMember({"wire", "nats.c", "nats.c-default"}))
      ->capture_default_str();
  command->add_option("--instances", serve.instances, "Of each service")
      ->check(CLI::Range(1U, 64U))
      ->capture_default_str();
  command->add_flag("--inline", serve.inline_neighbours,
                    "orders asks fraud, inventory and payment in process instead of over NATS");
  command
      ->add_option("--work", serve.work,
                   "What every request costs besides: delay=150us:10,2ms:5 delay_per_item=500us "
                   "cpu=50us alloc=64KiB, or cliffracer")
      ->type_name("SPEC");
  command->add_flag("--allow-faults", serve.allow_faults,
                    "Answer on PREFIXcontrol.SERVICE.faults and .ledger, and take faults from the "
                    "header Natsproof-Fault");
  command
      ->add_option("--fault", serve.faults,
                   "What to do wrong, as in 'delay=2ms:5 error=503:10 drop=0.5:before wrong=1 "
                   "twice=1 late=300ms:1 size=64KiB:5 hang=200ms@10s crash@30s leak=1KiB'; shares "
                   "in percent; implies --allow-faults")
      ->type_name("SPEC");
  command
      ->add_option("--ledger", serve.ledger,
                   "File of shared memory for the ledger of requests, instead of the process's own")
      ->type_name("FILE");
  command->add_option("--log-level", serve.log_level, "trace, debug, info, warn, error or off")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}))
      ->capture_default_str();
  command->add_flag("--log-json", serve.log_json, "Log one JSON object a line");
  command->callback([&] { status = serve_command(serve); });

  ServerOptions doctor_server;
  command = app.add_subcommand("doctor", "What this machine can and cannot measure");
  add_server_options(*command, doctor_server);
  command->callback([&] {
    auto servers = doctor_server.addresses();
    // A server of its own asks for no login.
    const Result<void> login =
        servers && !servers->empty() ? check_login_environment() : Result<void>();
    if (!servers || !login) {
      fmt::print(stderr, "natsproof: {}\n", (servers ? login.error() : servers.error()).message);
      status = kExitUsage;
    } else {
      status = run_doctor({.servers = *servers});
    }
  });

  std::string folder;
  command = app.add_subcommand("report", "Make every report again from a saved run or series");
  command->add_option("DIR", folder, "A results folder")->required();
  command->callback([&] { status = report_command(folder); });

  SelftestOptions selftest;
  command = app.add_subcommand(
      "selftest", "Prove the instrument on this machine: known delays, stops and lies; a minute");
  may_be_given_again(
      command->add_option("--only", selftest.only, "Only this group of checks; may be given again"))
      ->check(CLI::IsMember(selftest_groups()))
      ->type_name("GROUP");
  command->add_flag("--quiet", selftest.quiet, "No progress, only the table");
  command->footer(kSelftestFooter);
  command->callback([&] { status = run_selftest(selftest); });

  if (const std::string unknown = unknown_command(app, argc, argv); !unknown.empty()) {
    fmt::print(stderr, "natsproof: {}; `natsproof --help` lists them\n", unknown);
    return kExitUsage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  return status;
}

// A verdict that nobody can read is none: the status of whoever could not print it is 5.
int with_output_written(int status) {
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
  // Not fmt's, which throws where stderr cannot be written either.
  std::fprintf(stderr,
               "natsproof: standard output could not be written%s%s: what was to be printed there "
               "is not complete\n",
               errno == 0 ? "" : ": ", errno == 0 ? "" : std::strerror(errno));
  return kExitStage;
}

}  // namespace
}  // namespace natsproof

int main(int argc, char** argv) {
  natsproof::raise_file_limit();
  int status = natsproof::kExitStage;
  try {
    status = natsproof::run_main(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "natsproof: {}\n", error.what());
  }
  return natsproof::with_output_written(status);
}
