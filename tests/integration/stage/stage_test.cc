#include "loadgen/stage/stage.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/integration/stage/bare_client.h"

namespace natsproof {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int kEndWithinMs = 30'000;

// A program in the place of natsproof: a script that is called as `natsproof serve NAME ...`.
class Program {
 public:
  explicit Program(const std::string& script) {
    char folder[] = "/tmp/natsproof-test-XXXXXX";
    EXPECT_NE(mkdtemp(folder), nullptr);
    folder_ = folder;
    std::ofstream(path()) << "#!/bin/bash\n" << script;
    EXPECT_EQ(chmod(path().c_str(), 0700), 0);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::string path() const { return folder_ + "/natsproof"; }

 private:
  std::string folder_;
};

// Answers $SRV.PING for as many instances as it is told to be, with its process id in their ids,
// and ends on a message to `die`.
constexpr const char* kService = R"(
[ "$1 $3 $5" = "serve --client --instances" ] || { echo "called as: $*"; exit 2; }
address=${NATS_URL#nats://}
exec 3<>"/dev/tcp/${address%:*}/${address##*:}"
read -r -u 3 info
printf 'CONNECT {"verbose":false}\r\nSUB $SRV.PING 1\r\nSUB die 2\r\n' >&3
while read -r -u 3 verb subject sid reply size; do
  case $verb in
    PING*) printf 'PONG\r\n' >&3 ;;
    MSG)
      [ "$subject" = die ] && { echo "told to die"; exit 9; }
      read -r -u 3 payload
      for i in $(seq "$6"); do
        json='{"type":"io.nats.micro.v1.ping_response","name":"natsproof-'$2'","id":"'$$.$i'","version":"0.1.0"}'
        printf 'PUB %s %d\r\n%s\r\n' "$reply" ${#json} "$json" >&3
      done ;;
  esac
done
)";

int process_of(const FoundService& service) {
  return open_pidfd(std::stoi(service.id.substr(0, service.id.find('.'))));
}

TEST(Stage, is_set_when_every_instance_answers_and_taken_down_whole) {
  const Program program(kService);
  ServerAddress server;
  int first = -1, second = -1;
  {
    auto stage =
        Stage::set({.executable = program.path(), .services = {"echo", "orders"}, .instances = 2});
    ASSERT_TRUE(stage.ok()) << stage.error().message;
    ASSERT_THAT((*stage)->servers(), SizeIs(1));
    EXPECT_THAT((*stage)->monitor(), HasSubstr("http://127.0.0.1:"));
    EXPECT_THAT((*stage)->deaths(), IsEmpty());
    server = (*stage)->servers()[0];
    const auto found = find_services((*stage)->servers(), 300ms);
    ASSERT_TRUE(found.ok()) << found.error().message;
    ASSERT_THAT(*found, SizeIs(4));
    EXPECT_EQ((*found)[0].name, "natsproof-echo");
    EXPECT_EQ((*found)[1].name, "natsproof-echo");
    EXPECT_EQ((*found)[3].name, "natsproof-orders");
    EXPECT_EQ((*found)[0].version, "0.1.0");
    first = process_of((*found)[0]);
    second = process_of((*found)[3]);
    ASSERT_GE(first, 0);
    ASSERT_GE(second, 0);
  }
  pollfd ended[] = {{first, POLLIN, 0}, {second, POLLIN, 0}};
  EXPECT_EQ(poll(ended, 2, 0), 2) << "a service is still running";
  EXPECT_FALSE(BareClient(server).connected());
  close(first);
  close(second);
}

TEST(Stage, without_services_is_a_server) {
  auto stage = Stage::set({});
  ASSERT_TRUE(stage.ok()) << stage.error().message;
  EXPECT_TRUE(BareClient((*stage)->servers()[0]).connected());
  const auto found = find_services((*stage)->servers(), 100ms);
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_THAT(*found, IsEmpty());
}

TEST(Stage, quotes_a_service_that_does_not_come_up) {
  const Program program("echo 'no such service' >&2; exit 2");
  const auto stage = Stage::set({.executable = program.path(), .services = {"ecoh"}});
  ASSERT_FALSE(stage.ok());
  EXPECT_THAT(stage.error().message, AllOf(HasSubstr("ecoh"), HasSubstr("exited with status 2"),
                                           HasSubstr("no such service")));
}

TEST(Stage, counts_the_instances_that_did_not_answer) {
  const Program program("set -- \"${@:1:5}\" 1\n" +
                        std::string(kService));  // one, whatever it is told
  const auto stage = Stage::set(
      {.executable = program.path(), .services = {"echo"}, .instances = 2, .ready_within = 3s});
  ASSERT_FALSE(stage.ok());
  EXPECT_THAT(stage.error().message, HasSubstr("echo: 1 of 2 instances"));
}

TEST(Stage, does_not_take_one_service_for_another) {
  const Program program("[ \"$2\" = orders ] && exec sleep 1000\n" + std::string(kService));
  const auto stage = Stage::set(
      {.executable = program.path(), .services = {"echo", "orders"}, .ready_within = 500ms});
  ASSERT_FALSE(stage.ok());
  EXPECT_THAT(stage.error().message, HasSubstr("orders: 0 of 1 instances"));
}

TEST(Stage, does_not_take_others_instances_for_its_own) {
  const Program program(kService);
  auto others = Stage::set({.executable = program.path(), .services = {"echo"}});
  ASSERT_TRUE(others.ok()) << others.error().message;
  const Program silent("exec sleep 1000");
  const auto stage = Stage::set({.executable = silent.path(),
                                 .services = {"echo"},
                                 .own_server = false,
                                 .servers = (*others)->servers(),
                                 .ready_within = 500ms});
  ASSERT_FALSE(stage.ok());
  EXPECT_THAT(stage.error().message, HasSubstr("echo: 0 of 1 instances"));
}

TEST(Stage, tells_of_a_death_once) {
  const Program program(kService);
  auto stage = Stage::set({.executable = program.path(), .services = {"echo"}});
  ASSERT_TRUE(stage.ok()) << stage.error().message;
  const auto found = find_services((*stage)->servers(), 200ms);
  ASSERT_TRUE(found.ok()) << found.error().message;
  ASSERT_THAT(*found, SizeIs(1));
  pollfd ended{process_of((*found)[0]), POLLIN, 0};
  ASSERT_GE(ended.fd, 0);
  BareClient client((*stage)->servers()[0]);
  client.send("CONNECT {\"verbose\":false}\r\nPUB die 0\r\n\r\n");
  ASSERT_EQ(poll(&ended, 1, kEndWithinMs), 1);
  close(ended.fd);
  EXPECT_THAT((*stage)->deaths(), ElementsAre(AllOf(HasSubstr("service echo exited with status 9"),
                                                    HasSubstr("told to die"))));
  EXPECT_THAT((*stage)->deaths(), IsEmpty());
}

TEST(Stage, needs_a_server_that_is_there) {
  ServerAddress nobody;
  nobody.port = 1;
  const auto stage = Stage::set({.services = {"echo"}, .own_server = false, .servers = {nobody}});
  ASSERT_FALSE(stage.ok());
  EXPECT_THAT(stage.error().message, HasSubstr("127.0.0.1:1"));
}

}  // namespace
}  // namespace natsproof
