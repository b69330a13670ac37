#include "loadgen/stage/nats_server.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <httplib.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <unistd.h>

namespace natsproof {
namespace {

namespace fs = std::filesystem;

// A folder of our own under the system's one for temporary files, removed with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::error_code ignored;
    fs::path base = fs::temp_directory_path(ignored);
    if (ignored) base = "/tmp";
    std::string name = (base / "natsproof-XXXXXX").string();
    if (mkdtemp(name.data()) != nullptr) path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { remove(); }

  void remove() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
    path_.clear();
  }
  [[nodiscard]] const fs::path& path() const { return path_; }  // empty: could not be made

 private:
  fs::path path_;
};

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  [[nodiscard]] int get() const { return number_; }

 private:
  int number_;
};

struct Ports {
  std::uint16_t client = 0, monitor = 0;
};

std::optional<std::uint16_t> port_of(const nlohmann::json& file, const char* key) {
  if (!file.contains(key) || !file[key].is_array() || file[key].empty()) return std::nullopt;
  if (!file[key][0].is_string()) return std::nullopt;
  const auto url = file[key][0].get<std::string>();
  const auto colon = url.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  const int port = std::atoi(url.c_str() + colon + 1);
  if (port <= 0 || port > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(port);
}

// The ports file, once it is whole.
std::optional<Ports> read_ports(const fs::path& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().extension() != ".ports") continue;
    std::ifstream file(entry.path());
    const auto json = nlohmann::json::parse(file, nullptr, false);
    if (!json.is_object()) return std::nullopt;
    const auto client = port_of(json, "nats");
    const auto monitor = port_of(json, "monitoring");
    if (client && monitor) return Ports{*client, *monitor};
  }
  return std::nullopt;
}

int ms_until(Instant until) {
  const Duration left = std::max(Duration{0}, until - SteadyClock().now());
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
}

bool accepts(std::uint16_t port) {
  const Descriptor connection(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
         0;
}

// Nothing when the process has ended or the time is up.
std::optional<Ports> await_ports(pid_t pid, int watch, const fs::path& folder, Instant until) {
  const Descriptor process(open_pidfd(pid));
  for (;;) {
    if (const auto ports = read_ports(folder)) {
      if (accepts(ports->client)) return ports;
    }
    const int ms = ms_until(until);
    if (ms == 0) return std::nullopt;
    // The watch tells when the file is written; the bound is for a file that came just ahead of its
    // listener.
    pollfd ready[] = {{watch, POLLIN, 0}, {process.get(), POLLIN, 0}};
    poll(ready, 2, std::min(ms, 50));
    if ((ready[1].revents & POLLIN) != 0) return std::nullopt;
    if ((ready[0].revents & POLLIN) != 0) {
      char events[4096];
      (void)!read(watch, events, sizeof events);
    }
  }
}

}  // namespace

Result<std::string> find_nats_server(std::string_view instead) {
  const auto runnable = [](const fs::path& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored) && access(path.c_str(), X_OK) == 0;
  };
  const char* const named = std::getenv("NATSPROOF_NATS_SERVER");
  const std::string name = named != nullptr && *named != '\0' ? named : "nats-server";
  if (name.find('/') != std::string::npos) {
    if (runnable(name)) return name;
  } else {
    const char* const path = std::getenv("PATH");
    std::string folders = path != nullptr ? path : "";
    folders += ":/usr/sbin";
    for (std::size_t at = 0; at <= folders.size();) {
      const std::size_t end = std::min(folders.find(':', at), folders.size());
      const std::string folder = folders.substr(at, end - at);
      if (!folder.empty() && runnable(fs::path(folder) / name)) return folder + "/" + name;
      at = end + 1;
    }
  }
  const std::string where = name.find('/') == std::string::npos
                                ? name + " was found neither on PATH nor in /usr/sbin"
                                : name + " is not a program that can be run";
  return Error{fmt::format(
      "{}; install one with `apt-get install nats-server`, name the binary of nats-server in "
      "NATSPROOF_NATS_SERVER{}",
      where, instead.empty() ? "" : fmt::format(", or {}", instead))};
}

Result<NatsServer> NatsServer::start(const NatsServerOptions& options) {
  return start_on(options, 0);
}

Result<NatsServer> NatsServer::start_on(const NatsServerOptions& options,
                                        std::uint16_t monitor_port) {
  const Result<std::string> binary = find_nats_server();
  if (!binary) return binary.error();
  TemporaryFolder folder;
  if (folder.path().empty()) {
    return Error{"no temporary folder can be made for nats-server; is TMPDIR (or /tmp) writable?"};
  }

  const auto port_flag = [](std::uint16_t port) { return port == 0 ? "-1" : std::to_string(port); };
  std::vector<std::string> argv = {*binary,
                                   "-a",
                                   "127.0.0.1",
                                   "-p",
                                   port_flag(options.port),
                                   "-m",
                                   port_flag(monitor_port),
                                   "--ports_file_dir",
                                   folder.path().string()};
  const auto add = [&argv](const char* flag, const std::string& value) {
    if (!value.empty()) argv.insert(argv.end(), {flag, value});
  };
  add("--user", options.user);
  add("--pass", options.password);
  add("--auth", options.token);
  add("--config", options.config_file);
  if (options.max_payload_bytes != 0) {  // the one thing here that has no flag
    const fs::path config = folder.path() / "nats-server.conf";
    std::ofstream(config) << "max_payload: " << options.max_payload_bytes << '\n';
    add("--config", config.string());
  }

  const Instant until = SteadyClock().now() + options.ready_within;
  const Descriptor watch(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  inotify_add_watch(watch.get(), folder.path().c_str(), IN_CLOSE_WRITE | IN_MOVED_TO);
  Result<ChildProcess> process = ChildProcess::start(argv);
  if (!process) return process.error();
  const auto ports = await_ports(process->pid(), watch.get(), folder.path(), until);
  if (!ports) {
    if (const auto ended = process->ended()) {
      return Error{fmt::format("nats-server ({}) {} before it was ready; {}", *binary, *ended,
                               process->last_words())};
    }
    return Error{fmt::format("nats-server ({}) was not ready within {} ms; {}", *binary,
                             options.ready_within / 1ms, process->last_words())};
  }

  NatsServer server(std::move(*process), options);
  server.address_.port = ports->client;
  server.address_.user = options.user;
  server.address_.password = options.password;
  server.address_.token = options.token;
  server.monitor_port_ = ports->monitor;
  server.monitor_ = fmt::format("http://127.0.0.1:{}", ports->monitor);
  return server;
}

Result<void> NatsServer::restart() {
  process_.stop(2s);
  NatsServerOptions same = options_;
  same.port = address_.port;
  Result<NatsServer> again = start_on(same, monitor_port_);
  if (!again) return again.error();
  process_ = std::move(again->process_);
  return {};
}

std::optional<std::uint64_t> messages_received_by_server(const std::string& monitor,
                                                         std::uint64_t client_id) {
  constexpr std::size_t kMostBytes = 1 << 20;  // one connection takes about 1 KiB
  std::string body;
  try {
    httplib::Client client(monitor);
    if (!client.is_valid()) return std::nullopt;
    client.set_connection_timeout(1s);
    client.set_read_timeout(1s);
    client.set_write_timeout(1s);
    const auto answer = client.Get(fmt::format("/connz?cid={}", client_id),
                                   [&body](const char* data, std::size_t size) {
                                     body.append(data, size);
                                     return body.size() <= kMostBytes;
                                   });
    if (!answer || answer->status != 200) return std::nullopt;
  } catch (const std::exception&) {  // httplib's way to say that the address is none
    return std::nullopt;
  }
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto connections = json.find("connections");
  if (connections == json.end() || !connections->is_array()) return std::nullopt;
  for (const auto& connection : *connections) {
    if (!connection.is_object()) continue;
    const auto cid = connection.find("cid");
    const auto in_msgs = connection.find("in_msgs");
    if (cid == connection.end() || !cid->is_number_unsigned() || *cid != client_id) continue;
    if (in_msgs == connection.end() || !in_msgs->is_number_unsigned()) continue;
    return in_msgs->get<std::uint64_t>();
  }
  return std::nullopt;
}

}  // namespace natsproof
