#include "bench/in_memory_server.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <map>
#include <string>
#include <string_view>

#include <sys/epoll.h>
#include <sys/socket.h>

namespace natsproof {
namespace {

struct Client {
  epoll_data_t key{};
  std::string answers;  // from `read` on not received yet
  std::size_t read = 0;
};

std::map<int, Client> clients;  // by file descriptor
Duration spent{};

class Spending {
 public:
  ~Spending() { spent += std::chrono::steady_clock::now() - began_; }

 private:
  Instant began_ = std::chrono::steady_clock::now();
};

// `PUB <subject> <reply> <size>`, with the payload behind it: echoed as `MSG <reply> 0 <size>`.
std::size_t echo(std::string_view line, std::string_view rest, Client& client) {
  const std::size_t size_at = line.rfind(' ') + 1;
  const std::size_t reply_at = line.rfind(' ', size_at - 2) + 1;
  const std::string_view size_text = line.substr(size_at);
  std::size_t size = 0;
  std::from_chars(size_text.data(), size_text.data() + size_text.size(), size);
  client.answers += "MSG ";
  client.answers += line.substr(reply_at, size_at - 1 - reply_at);
  client.answers += " 0 ";
  client.answers += size_text;
  client.answers += "\r\n";
  client.answers += rest.substr(0, size + 2);
  return size + 2;
}

void answer(std::string_view written, Client& client) {
  if (client.read == client.answers.size()) {
    client.answers.clear();
    client.read = 0;
  }
  while (!written.empty()) {
    const std::size_t end = written.find("\r\n");
    const std::string_view line = written.substr(0, end);
    written.remove_prefix(end + 2);
    if (line.starts_with("PUB ")) written.remove_prefix(echo(line, written, client));
    if (line == "PING") client.answers += "PONG\r\n";
  }
}

int ready(epoll_event* events, int most) {
  int count = 0;
  for (auto& [fd, client] : clients) {
    if (client.read == client.answers.size() || count == most) continue;
    events[count].events = EPOLLIN;
    events[count++].data = client.key;
  }
  return count;
}

}  // namespace

Duration time_in_memory_server() {
  return spent;
}

}  // namespace natsproof

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the linker's names
extern "C" {

int __real_close(int fd);

int __wrap_connect(int fd, const sockaddr*, socklen_t) {
  natsproof::clients[fd].answers =
      R"(INFO {"server_id":"M","server_name":"memory","version":"2.9.10","headers":true,)"
      R"("max_payload":1048576,"client_id":1})"
      "\r\n";
  return 0;
}

int __wrap_close(int fd) {
  natsproof::clients.erase(fd);
  return __real_close(fd);
}

int __wrap_epoll_ctl(int, int, int fd, epoll_event* event) {
  if (const auto client = natsproof::clients.find(fd); client != natsproof::clients.end())
    client->second.key = event->data;
  return 0;
}

int __wrap_epoll_wait(int, epoll_event* events, int most, int) {
  const natsproof::Spending spending;
  return natsproof::ready(events, most);
}

ssize_t __wrap_send(int fd, const void* bytes, std::size_t size, int) {
  const natsproof::Spending spending;
  natsproof::answer({static_cast<const char*>(bytes), size}, natsproof::clients.at(fd));
  return static_cast<ssize_t>(size);
}

ssize_t __wrap_recv(int fd, void* to, std::size_t room, int) {
  const natsproof::Spending spending;
  natsproof::Client& client = natsproof::clients.at(fd);
  const std::size_t size = std::min(room, client.answers.size() - client.read);
  if (size == 0) {
    errno = EAGAIN;
    return -1;
  }
  std::memcpy(to, client.answers.data() + client.read, size);
  client.read += size;
  return static_cast<ssize_t>(size);
}

}  // extern "C"
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
