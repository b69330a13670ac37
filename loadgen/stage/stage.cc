#include "loadgen/stage/stage.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <system_error>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/mman.h>
#include <unistd.h>

#include "messaging/headers.h"
#include "messaging/login_environment.h"
#include "messaging/transport.h"
#include "messaging/wire/wire_transport.h"

namespace natsproof {
namespace {

constexpr Duration kGrace = 2s;            // of a service's and the server's own end
constexpr Duration kAskAgain = 50ms;       // between two calls of the roll
constexpr Duration kListenBefore = 200ms;  // for instances that were there before ours

// Calls the roll: asks every service for its name, and keeps who has answered.
class Roll final : public Listener {
 public:
  explicit Roll(const std::vector<ServerAddress>& servers) : wire_(make_wire_transport(clock_)) {
    options_.servers = servers;
    options_.name = "natsproof-stage";
  }

  Result<void> open() {
    if (const Result<void> opened = wire_->open(options_, *this); !opened) return opened;
    const Result<FrameId> frame =
        wire_->prepare({.subject = "$SRV.PING", .headers = {}, .payload = {}});
    if (!frame) return frame.error();
    frame_ = *frame;
    return {};
  }

  // Asks and listens until `done` says so, looked at after every answer and before every question,
  // or until the time is up. Whether `done` did.
  bool call(Duration listen, const std::function<bool()>& done) {
    const Instant until = clock_.now() + listen;
    for (;;) {
      if (done()) return true;
      const Instant now = clock_.now();
      if (now >= until) return false;
      wire_->request(0, frame_, sequence_++);
      const Instant ask_again = std::min(until, now + kAskAgain);
      while (clock_.now() < ask_again) {
        wire_->flush();
        wire_->wait(ask_again);
        if (wire_->receive() > 0 && done()) return true;
      }
    }
  }

  [[nodiscard]] const std::map<std::string, FoundService>& by_id() const { return by_id_; }

  void on_message(const Message& message) override {
    if (header_status(message.headers) != 0) return;  // nobody there
    const auto json = nlohmann::json::parse(message.payload, nullptr, false);
    if (!json.is_object()) return;
    const auto text = [&json](const char* key) {
      const auto found = json.find(key);
      return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    const std::string id = text("id");
    if (!id.empty()) by_id_[id] = {text("name"), id, text("version")};
  }

 private:
  SteadyClock clock_;
  ConnectOptions options_;
  std::map<std::string, FoundService> by_id_;
  std::unique_ptr<Transport> wire_;  // after what its callbacks use
  FrameId frame_ = 0;
  Sequence sequence_ = 0;
};

// The address with its login, as --server takes it.
std::string url_of(const ServerAddress& server) {
  const auto escaped = [](const std::string& text) {
    std::string url;
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      const bool plain =
          (byte < 0x80 && std::isalnum(byte) != 0) || c == '-' || c == '.' || c == '_';
      url += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
    }
    return url;
  };
  std::string url = server.display();
  std::string login;
  if (!server.token.empty()) login = escaped(server.token) + "@";
  if (!server.user.empty()) login = escaped(server.user) + ":" + escaped(server.password) + "@";
  return url.insert(url.find("://") + 3, login);
}

std::string this_program() {
  // By its path, so that process listings show a name; a binary replaced since it was started is
  // still there in /proc.
  std::error_code ignored;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", ignored);
  return !path.empty() && std::filesystem::exists(path, ignored) ? path.string() : "/proc/self/exe";
}

}  // namespace

Result<std::unique_ptr<Stage>> Stage::set(const StageOptions& options) {
  std::unique_ptr<Stage> stage(new Stage());
  if (options.own_server) {
    Result<NatsServer> server = NatsServer::start();
    if (!server) return server.error();
    stage->servers_ = {server->address()};
    stage->monitor_ = server->monitor();
    stage->server_ = std::move(*server);
  } else {
    stage->servers_ = options.servers;
  }
  if (!options.services.empty()) {
    if (const Result<void> started = stage->start_services(options); !started) {
      return started.error();
    }
  }
  return stage;
}

Result<void> Stage::start_services(const StageOptions& options) {
  Roll roll(servers_);
  if (const Result<void> opened = roll.open(); !opened) return opened;
  // On a server of others there may be instances already: only new ones are ours.
  if (!options.own_server) roll.call(kListenBefore, [] { return false; });
  std::set<std::string> before;
  for (const auto& [id, service] : roll.by_id()) before.insert(id);

  const std::string executable = options.executable.empty() ? this_program() : options.executable;
  // The servers go by the environment: a command line, with its logins, is everybody's to read.
  std::string urls;
  for (const ServerAddress& server : servers_) urls += (urls.empty() ? "" : ",") + url_of(server);
  ::setenv("NATS_URL", urls.c_str(), 1);
  // A server of our own asks for none of these, and a service refuses them.
  for (const UnsupportedLogin& login : unsupported_logins()) ::unsetenv(login.variable);
  ledger_ = ::memfd_create("natsproof-ledger", MFD_CLOEXEC);
  if (ledger_ < 0) return Error{fmt::format("memory for the ledger: {}", std::strerror(errno))};
  for (const std::string& name : options.services) {
    std::vector<std::string> argv = {executable,
                                     "serve",
                                     name,
                                     "--client",
                                     options.service_client,
                                     "--instances",
                                     std::to_string(options.instances),
                                     "--allow-faults",
                                     "--ledger",
                                     ledger_file()};
    if (options.inline_neighbours && name == "orders") argv.emplace_back("--inline");
    for (const auto& [option, specs] :
         {std::pair{"--work", &options.work}, std::pair{"--fault", &options.faults}}) {
      if (const auto spec = specs->find(name); spec != specs->end())
        argv.insert(argv.end(), {option, spec->second});
    }
    Result<ChildProcess> process = ChildProcess::start(argv);
    if (!process) return process.error();
    services_.push_back({name, std::move(*process)});
  }

  const auto answering = [&](const Service& service) {
    return std::count_if(roll.by_id().begin(), roll.by_id().end(), [&](const auto& entry) {
      return entry.second.name == kServiceNamePrefix + service.name &&
             !before.contains(entry.first);
    });
  };
  std::string death;
  const bool settled = roll.call(options.ready_within, [&] {
    for (Service& service : services_) {
      if (const auto ended = service.process.ended()) {
        death = fmt::format("service {} {} before it was ready; {}", service.name, *ended,
                            service.process.last_words());
        return true;
      }
    }
    return std::all_of(services_.begin(), services_.end(), [&](const Service& service) {
      return answering(service) >= options.instances;
    });
  });
  if (!death.empty()) return Error{death};
  if (settled) return {};
  for (const Service& service : services_) {
    if (answering(service) >= options.instances) continue;
    return Error{fmt::format("service {}: {} of {} instances answered $SRV.PING within {} ms; {}",
                             service.name, answering(service), options.instances,
                             options.ready_within / 1ms, service.process.last_words())};
  }
  return {};
}

Stage::~Stage() {
  for (const Service& service : services_)
    service.process.signal(SIGTERM);  // all at once, then one after the other
  for (Service& service : services_) service.process.stop(kGrace);
  if (server_) server_->process().stop(kGrace);
  if (ledger_ >= 0) ::close(ledger_);
}

std::string Stage::ledger_file() const {
  return ledger_ < 0 ? std::string() : fmt::format("/proc/{}/fd/{}", ::getpid(), ledger_);
}

std::vector<Stage::Process> Stage::processes() {
  const std::lock_guard lock(mutex_);
  std::vector<Process> alive;
  if (server_ && !server_->process().ended())
    alive.push_back({"server", "nats-server", server_->process().pid()});
  for (Service& service : services_) {
    if (!service.process.ended())
      alive.push_back({"services", service.name, service.process.pid()});
  }
  return alive;
}

std::vector<std::string> Stage::deaths() {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> sentences;
  const auto look = [&sentences](const std::string& name, ChildProcess& process, bool& mourned) {
    const auto ended = process.ended();
    if (!ended || mourned) return;
    mourned = true;
    sentences.push_back(fmt::format("{} {}; {}", name, *ended, process.last_words()));
  };
  if (server_) look("nats-server", server_->process(), server_mourned_);
  for (Service& service : services_)
    look("service " + service.name, service.process, service.mourned);
  return sentences;
}

Result<std::vector<FoundService>> find_services(const std::vector<ServerAddress>& servers,
                                                Duration listen) {
  Roll roll(servers);
  if (const Result<void> opened = roll.open(); !opened) return opened.error();
  roll.call(listen, [] { return false; });
  std::vector<FoundService> found;
  for (const auto& [id, service] : roll.by_id()) found.push_back(service);
  std::sort(found.begin(), found.end(), [](const FoundService& a, const FoundService& b) {
    return std::tie(a.name, a.id) < std::tie(b.name, b.id);
  });
  return found;
}

}  // namespace natsproof
