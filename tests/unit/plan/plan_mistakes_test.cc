// Each kind of mistake, with its line and column and what it says is allowed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadgen/plan/plan_file.h"
#include "loadgen/plan/yaml_tree.h"
#include "tests/unit/plan/plan_texts.h"

namespace natsproof {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

struct Case {
  std::string text;
  std::string place;  // line:column
  std::string says;
};

void expect_each(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    EXPECT_THAT(texts(read_text(c.text)),
                ElementsAre(AllOf(StartsWith("plan.yaml:" + c.place + ": "), HasSubstr(c.says))))
        << c.text;
  }
}
void expect_each(std::string (*plan)(const std::string&), const std::vector<Case>& cases) {
  for (const Case& c : cases) expect_each({{plan(c.text), c.place, c.says}});
}

TEST(plan_mistakes, all_are_told_at_once_in_the_order_of_the_text) {
  EXPECT_THAT(
      texts(read_text("nam: p\n"
                      "load: {rate: 10, duration: 5}\n"
                      "tasks:\n"
                      "  - {name: success, subject: 'a b'}\n"
                      "claims: [response p99 < 1]\n")),
      ElementsAre(StartsWith("plan.yaml:1:1: a plan needs `name`"),
                  StartsWith("plan.yaml:1:1: unknown key `nam` in a plan (did you mean `name`?)"),
                  StartsWith("plan.yaml:2:14: `rate`: `10` needs a unit"),
                  StartsWith("plan.yaml:2:28: `duration`: `5` needs a unit"),
                  StartsWith("plan.yaml:4:12: a task must not be named like a metric"),
                  StartsWith("plan.yaml:4:30: subject \"a b\""),
                  StartsWith("plan.yaml:5:10: claim `response p99 < 1`")));
}

TEST(plan_mistakes, of_yaml_have_a_place) {
  expect_each(
      {{"name: p\nload: {rate: 1/s\n", "2:7", "not YAML: this `{` has no matching `}`"},
       {"name: p\ntasks: [{name: a}, {name: b\n", "2:20", "no matching `}`"},
       {"name: p\nexpect: contains: x\n", "2:17", "needs quotes or braces"},
       {"name: p\n\tabout: x\n", "2:1", "not YAML"},
       {"a: &x [1]\nb: *x\n", "2:4", "aliases"},
       {"name: p\n---\nname: q\n", "3:1", "a second YAML document"},
       {"name: \"\\ud800\"\n", "1:14", "not YAML: invalid unicode"},
       {"- name: p\n", "1:1", "a plan must be a map of keys and values, not a list"},
       {"just words\n", "1:1", "a plan must be a map of keys and values, not a single value"}});
}

TEST(plan_mistakes, a_key_that_is_no_word) {
  EXPECT_THAT(texts(read_text(plan_with_load("{rate: 10/s}") + "[a, b]: 1\n")),
              ElementsAre(StartsWith("plan.yaml:4:1: a key must be a word, not a list"),
                          StartsWith("plan.yaml:4:1: unknown key ``")));
}

TEST(plan_mistakes, an_empty_plan_says_where_to_start) {
  for (const char* text : {"", "# only a comment\n", "~"}) {
    EXPECT_THAT(texts(read_text(text)), ElementsAre(HasSubstr("natsproof scenarios baseline")));
  }
}

TEST(plan_mistakes, too_much_is_refused_before_it_is_read) {
  EXPECT_THAT(texts(read_text(std::string(kLargestPlanBytes + 1, ' '))),
              ElementsAre("plan.yaml: 1048577 bytes are more than the 1048576 a plan may have"));
  const std::string deep(100'000, '[');
  EXPECT_THAT(texts(read_text("name: " + deep)),
              ElementsAre("plan.yaml:1:15: not YAML: nested deeper than 16 levels"));
  EXPECT_THAT(texts(read_text(std::string(500'000, '{'))), SizeIs(1));
}

TEST(plan_mistakes, of_bytes_that_are_not_utf_8) {
  for (const char* bytes :
       {"\x80", "\xff", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
        "\xf0\x8f\xbf\xbf", "\xe2\x82", "\xf5\x80\x80\x80"}) {
    EXPECT_THAT(texts(read_text("name: p\nabout: \"\xc3\xa4" + std::string(bytes) + "\"\n")),
                ElementsAre(AllOf(StartsWith("plan.yaml:2:11: the byte 0x"), HasSubstr("UTF-8"))));
  }
  const std::string all = "ä\xed\x9f\xbf\xee\x80\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\xe0\xa0\x80";
  EXPECT_THAT(texts(read_text(plan_with_load("{rate: 1/s}") + "about: \"" + all + "\"\n")),
              IsEmpty());
}

TEST(plan_mistakes, of_keys) {
  const std::string rest = "load: {rate: 10/s}\ntasks: [{name: a, subject: s}]\n";
  expect_each(
      {{"name: p\nname: q\n" + rest, "2:1", "`name` is given twice in a plan, first in line 1"},
       {"name: p\nservises: [echo]\n" + rest, "2:1", "(did you mean `services`?)"},
       {"name: p\nqqq: 1\n" + rest, "2:1", "known: name, about, services, client"},
       {"name: p\nabout:\n" + rest, "2:1", "`about` has no value"},
       {"name: p\nabout: [x]\n" + rest, "2:8", "`about` must be a single value, not a list"},
       {"name: a/b\n" + rest, "1:7", "`name` must be 1 to 64 letters"},
       {"name: ..\n" + rest, "1:7", "`name` must be"},
       {rest, "1:1", "a plan needs `name`"},
       {"name: p\nload: {rate: 10/s}\n", "1:1", "a plan needs `tasks`"},
       {"name: p\ntasks: [{name: a, subject: s}]\n", "1:1", "a plan needs `load`"},
       {"name: p\nservices: echo\n" + rest, "2:11",
        "`services` must be a list, not a single value"},
       {"name: p\nservices: [ecko]\n" + rest, "2:12",
        "unknown service `ecko` (did you mean `echo`?)"},
       {"name: p\nservices: [billing]\n" + rest, "2:12", "known: echo"},
       {"name: p\nservices: [echo, echo]\n" + rest, "2:18", "use `instances`"},
       {"name: p\nclient: tcp\n" + rest, "2:9",
        "must be one of wire, nats.c, nats.c-default, not `tcp`"},
       {"name: p\nservice_client: tcp\n" + rest, "2:17", "must be one of wire, nats.c"},
       {"name: p\ninstances: 0\n" + rest, "2:12", "a whole number from 1 to 64, not `0`"},
       {"name: p\ninstances: 2.5\n" + rest, "2:12", "a whole number from 1 to 64, not `2.5`"},
       {"name: p\ncovers: 3\n" + rest, "2:9", "`covers`: `3` needs a unit, as in 250ms"},
       {"name: p\ncovers: 0ms\n" + rest, "2:9",
        "`covers` must be from 1.00 µs to 60.0 m, not `0ms`"},
       {"name: p\ngates: {conservation: 1%}\n" + rest, "2:9",
        "known: offered rate, send lag, headroom, pacing, clock, floor, platform noise"},
       {"name: p\ngates: {headroom: 0.8}\n" + rest, "2:19", "`0.8` needs a unit, as in 80%"},
       {"name: p\ngates: {headroom: 0%}\n" + rest, "2:19", "from 0.01% to 100%"},
       {"name: p\ngates: {headroom: 101%}\n" + rest, "2:19", "out of range"}});
}

TEST(plan_mistakes, of_the_load) {
  expect_each(
      plan_with_load,
      {{"{}", "2:7", "`load` needs `rate` (open loop) or `users` (closed loop)"},
       {"fast", "2:7", "`load` must be a map of keys and values, not a single value"},
       {"{rate: 10/s, users: 3}", "2:27", "`rate` and `users` are given together"},
       {"{model: open}", "2:7", "an open loop needs `rate`"},
       {"{model: closed}", "2:7", "`load` needs `users`"},
       {"{model: half, rate: 10/s}", "2:15", "must be one of open, closed, not `half`"},
       {"{model: open, rate: 10/s, users: 3}", "2:40",
        "`users` belongs to a load of `model: closed`"},
       {"{rate: 10/s, think: 1s}", "2:27", "`think` belongs to a load of `model: closed`"},
       {"{rate: 10/s, spawn: 1/s}", "2:27", "`spawn` belongs to a load of `model: closed`"},
       {"{model: closed, users: 3, rate: 10/s}", "2:39",
        "`rate` belongs to a load of `model: open`"},
       {"{users: 3, arrivals: poisson}", "2:28", "`arrivals` belongs to a load of `model: open`"},
       {"{rate: 10/s, arrivals: even}", "2:30", "must be one of constant, poisson, not `even`"},
       {"{rate: 0/s}", "2:14", "`rate` must be from 0.001/s to 10,000,000/s, not `0/s`"},
       {"{rate: 1000M/s}", "2:14", "`rate`: `1000M/s` is not a rate"},
       {"{rate: 2000}", "2:14", "`rate`: `2000` needs a unit, as in 2000/s"},
       {"{rate: {per: s}}", "2:14", "or a list of stretches"},
       {"{rate: 10/s, duration: 0s}", "2:30",
        "`duration` must be from 1.00 ms to 24.0 h, not `0s`"},
       {"{rate: 10/s, warmup: -1s}", "2:28", "it is negative"},
       {"{rate: 10/s, repetitions: 0}", "2:33", "a whole number from 1 to 1,000"},
       {"{rate: 10/s, seed: -1}", "2:26", "a whole number from 0 to"},
       {"{rate: 10/s, pacing: fast}", "2:28", "must be one of sleep, hybrid, spin, not `fast`"},
       {"{rate: 10/s, connections: 20000}", "2:33", "a whole number from 1 to 10,000"},
       {"{rate: 10/s, workers: 2}", "2:29",
        "2 workers share 1 connection: a connection belongs to one worker"},
       {"{users: 2, connections: 3}", "2:31", "3 connections for 2 users"},
       {"{users: 0}", "2:15", "`users` must be a whole number from 1 to 1,000,000"},
       {"{users: 1, think: 1s..10ms}", "2:25", "`think`: `1s..10ms` begins above its end"},
       {"{users: 1, think: 1..2s}", "2:25", "`think`: `1` needs a unit"},
       {"{users: 1, think: 1s..}", "2:25", "`think`: `` is not a duration, it is empty"},
       {"{users: 1, spawn: 10}", "2:25", "`spawn`: `10` needs a unit"},
       {"{rate: 10/s, durration: 5s}", "2:20",
        "unknown key `durration` in `load` (did you mean `duration`?)"}});
}

TEST(plan_mistakes, of_a_profile) {
  expect_each(
      plan_with_load,
      {{"{rate: []}", "2:14", "1 to 1000 stretches, not 0"},
       {"{rate: [{for: 1s, rate: 0/s}]}", "2:14", "the profile never sends anything"},
       {"{rate: [{rate: 5/s}]}", "2:15", "a stretch of `rate` needs `for`"},
       {"{rate: [{for: 1s}]}", "2:15", "either `rate` (a step) or `from` and `to` (a ramp)"},
       {"{rate: [{for: 1s, from: 1/s}]}", "2:15",
        "either `rate` (a step) or `from` and `to` (a ramp)"},
       {"{rate: [{for: 1s, rate: 1/s, to: 2/s}]}", "2:15", "either `rate` (a step)"},
       {"{rate: [{for: 1s, rate: 1/s, till: 2/s}]}", "2:36", "unknown key `till` in a stretch"},
       {"{rate: [{for: 1s, rate: 5}]}", "2:31", "`5` needs a unit"},
       {"{rate: [5/s]}", "2:15", "a stretch of `rate` must be a map"},
       {"{rate: [{for: 20h, rate: 5/s}, {for: 20h, rate: 5/s}]}", "2:14",
        "the profile takes 40.0 h"},
       {"{rate: [{for: 1s, rate: 5/s}], duration: 5s}", "2:48",
        "`duration` does not go with a profile"}});
}

TEST(plan_mistakes, of_tasks) {
  expect_each(
      plan_with_task,
      {{"", "3:8", "1 to 100 tasks, not 0"},
       {"echo", "3:9", "a task must be a map"},
       {"{subject: s}", "3:9", "a task needs `name`"},
       {"{name: a}", "3:9", "either `endpoint` (of a sample service) or `subject`"},
       {"{name: a, endpoint: echo, subject: s}", "3:9", "either `endpoint`"},
       {"{name: a b, subject: s}", "3:16", "`name` must be 1 to 64 letters"},
       {"{name: '*', subject: s}", "3:16", "`name` must be 1 to 64 letters"},
       {"{name: response, subject: s}", "3:16", "a task must not be named like a metric"},
       {"{name: cpu, subject: s}", "3:16", "a task must not be named like a metric"},
       {"{name: a, subject: s}, {name: a, subject: t}", "3:39",
        "`a` is the name of two tasks, first in line 3"},
       {"{name: a, subject: s, weight: 0}", "3:39",
        "`weight` must be a number from 0.001 to 1000000, not `0`"},
       {"{name: a, subject: s, weight: inf}", "3:39", "`weight` must be a number"},
       {"{name: a, subject: s, weight: nan}", "3:39", "`weight` must be a number"},
       {"{name: a, endpoint: ecko}", "3:29", "unknown endpoint `ecko` (did you mean `echo`?)"},
       {"{name: a, endpoint: shipping.book}", "3:29",
        "unknown endpoint `shipping.book`; known: echo, orders.place"},
       {"{name: a, subject: s.>}", "3:28", "wildcard"},
       {"{name: a, subject: s, payload: {bytes: 1}}", "3:40", "a subject takes `request`"},
       {"{name: a, endpoint: echo, request: {bytes: 1}}", "3:44", "an endpoint takes `payload`"},
       {"{name: a, endpoint: echo, payload: {}}", "3:44", "`payload` needs `bytes`"},
       {"{name: a, endpoint: echo, payload: {bytes: 65MiB}}", "3:52",
        "at most 64.0 MiB, not `65MiB`"},
       {"{name: a, endpoint: echo, payload: {bytes: 1.5}}", "3:52", "not a whole number of bytes"},
       {"{name: a, subject: s, request: {}}", "3:40", "either `file` or `bytes`"},
       {"{name: a, subject: s, request: {bytes: 1, file: x}}", "3:40", "either `file` or `bytes`"},
       {"{name: a, subject: s, request: {file: no/such.json}}", "3:47",
        "`file`: cannot read `no/such.json`: No such file"},
       {"{name: a, subject: s, request: {file: /dev/zero}}", "3:47", "not a regular file"},
       {"{name: a, subject: s, headers: {\"a b\": c}}", "3:41", "header key \"a b\""},
       {"{name: a, subject: s, headers: {a: \"b\\r\\nc\"}}", "3:41", "header"},
       {"{name: a, subject: s, headers: [a]}", "3:40", "`headers` must be a map"},
       {"{name: a, subject: s, timeout: 250}", "3:40", "`timeout`: `250` needs a unit"},
       {"{name: a, subject: s, timeout: 2m}", "3:40",
        "`timeout` must be from 1.00 µs to 60.0 s, not `2m`"},
       {"{name: a, subject: s, expect: sane}", "3:39",
        "`expect`: `sane` is not known: same, no_error"},
       {"{name: a, subject: s, expect: {contains: \"\"}}", "3:50", "`contains` is empty"},
       {"{name: a, subject: s, expect: {}}", "3:39", "either `contains` or `equals_file`"},
       {"{name: a, subject: s, expect: {equals_file: gone}}", "3:53",
        "`equals_file`: cannot read `gone`"},
       {"{name: a, subject: s, expect: \"equals_file: gone\"}", "3:39",
        "`equals_file`: cannot read `gone`"}});
}

TEST(plan_mistakes, of_payloads_of_models) {
  const auto task = [](const std::string& keys) {
    return plan_with_task("{name: a, endpoint: orders.place, " + keys + "}");
  };
  for (const Case& c : std::vector<Case>{
           {"payload: {}", "3:52", "`payload` needs `order`"},
           {"payload: order", "3:52", "`payload` must be a map"},
           {"payload: []", "3:52", "a list of 1 to 16, not 0"},
           {"payload: {order: 3}", "3:60", "`order` must be a map"},
           {"payload: {bytes: 128}", "3:60", "orders.place takes `order`, not `bytes`"},
           {"payload: {order: {}, probe: {}}", "3:71", "orders.place takes `order`, not `probe`"},
           {"payload: {ordr: {}, order: {}}", "3:53", "unknown key `ordr` in `payload` (did you"},
           {"payload: {weight: 1, order: {}}", "3:53", "unknown key `weight` in `payload`"},
           {"payload: {order: {item: 3}}", "3:61", "`item` in `order` (did you mean `items`?)"},
           {"payload: {order: {items: 0}}", "3:68", "whole number from 1 to 100, not `0`"},
           {"payload: {order: {items: 1..101}}", "3:68", "whole number from 1 to 100, not `101`"},
           {"payload: {order: {items: 1..}}", "3:68", "whole number from 1 to 100, not ``"},
           {"payload: {order: {items: 3..1}}", "3:68", "`items`: `3..1` begins above its end"},
           {"payload: [{order: {}, weight: 0}]", "3:73", "`weight` must be a number from 0.001"},
           {"payload: [{order: {}}, {bytes: 1}]", "3:74", "takes `order`, not `bytes`"},
           {"codec: jsn", "3:50", "`codec` must be one of protobuf, json, not `jsn`"},
           {"verify: all", "3:51", "`verify` must be one of full, envelope, not `all`"},
           {"expect: same", "3:51", "for a model the right answer is known"},
           {"headers: {Content-Type: x}", "3:53", "`Content-Type` is set as `codec` says"},
           {"inject: 1%", "3:51", "`inject` must be a map"},
           {"inject: {invalid: 101%}", "3:61", "out of range"},
           {"inject: {invalid: 5}", "3:61", "`invalid`: `5` needs a unit, as in 80%"},
           {"inject: {bad_mail: 5%}", "3:52", "`bad_mail` in `inject` (did you mean `bad_email`?)"},
           {"inject: {bad_email: 60%, invalid: 50%}", "3:51", "together 110%, above 100%"},
           {"inject: {wrong_type: 5%}", "3:64", "orders.place in protobuf cannot be `wrong_type`"},
           {"request: {bytes: 1}", "3:52", "an endpoint takes `payload`"}}) {
    expect_each({{task(c.text), c.place, c.says}});
  }
}

TEST(plan_mistakes, of_what_goes_with_models_alone) {
  expect_each(
      plan_with_task,
      {{"{name: a, subject: s, codec: json}", "3:38", "`codec` goes with an endpoint that takes"},
       {"{name: a, endpoint: echo, codec: json}", "3:42", "`codec` goes with an endpoint that"},
       {"{name: a, endpoint: echo, verify: full}", "3:43", "`verify` goes with an endpoint that"},
       {"{name: a, endpoint: echo, inject: {invalid: 1%}}", "3:43",
        "can be made invalid: orders.place, analytics.ingest, bulk.process, probe.validate"},
       {"{name: a, subject: s, inject: {invalid: 1%}}", "3:39", "can be made invalid"},
       {"{name: a, endpoint: health, inject: {invalid: 1%}}", "3:45", "can be made invalid"},
       {"{name: a, endpoint: zzz, codec: json, payload: {x: 1}, inject: {y: 1%}, expect: no_error}",
        "3:29", "unknown endpoint `zzz`; known: echo"},
       {"{name: a, endpoint: orders.plce, codec: json, payload: {order: {}}, inject: {invalid: "
        "1%}}",
        "3:29", "unknown endpoint `orders.plce` (did you mean `orders.place`?)"},
       {"{name: a, endpoint: probe.validate, payload: {probe: {x: 1}}}", "3:63",
        "unknown key `x` in `probe`; none is known"},
       {"{name: a, endpoint: probe.validate, inject: {wrong_total: 1%}}", "3:67",
        "cannot be `wrong_total`; it can be missing_required, out_of_range, bad_pattern, "
        "bad_email, cut_bytes, unknown_encoding"},
       {"{name: a, endpoint: echo, payload: {order: {}}}", "3:52", "echo takes `bytes`, not"},
       {"{name: a, endpoint: echo, payload: {bytes: 2KiB..1KiB}}", "3:52", "begins above its end"},
       {"{name: a, endpoint: echo, payload: {bytes: 1..65MiB}}", "3:52", "at most 64.0 MiB"},
       {"{name: a, endpoint: bulk.process, payload: {bulk: {items: 10000, bytes_each: 1MiB}}}",
        "3:86", "`bytes_each` must be at most 6.55 KiB"}});
}

TEST(plan_mistakes, of_an_unknown_expectation) {
  EXPECT_THAT(texts(read_text(plan_with_task("{name: a, subject: s, expect: {equals: x}}"))),
              ElementsAre(StartsWith("plan.yaml:3:39: `expect` has either"),
                          StartsWith("plan.yaml:3:40: unknown key `equals`")));
}

TEST(plan_mistakes, are_bounded_in_time_for_many_headers) {
  std::string headers;
  for (int i = 0; i < 50'000; ++i) headers += "k" + std::to_string(i) + ": x, ";
  EXPECT_THAT(texts(read_text(plan_with_task("{name: a, subject: s, headers: {" + headers + "}}"))),
              ElementsAre("plan.yaml:3:40: `headers` may be at most 100, not 50000"));
}

TEST(plan_mistakes, are_single_lines_whatever_the_plan_holds) {
  EXPECT_THAT(texts(read_text(plan_with_load("{rate: \"1\\n\\e[31m\"}"))),
              ElementsAre(HasSubstr("`1??[31m` is not a rate")));
}

TEST(plan_mistakes, of_claims) {
  const auto plan = [](const std::string& claim) { return plan_with_claim(claim); };
  expect_each(plan,
              {{"respons p99 < 1ms", "4:10", "did you mean `response`?"},
               {"b response p99 < 1ms", "4:10", "no task `b`"},
               {"response p99 < 5", "4:10", "`5` is not a duration"},
               {"response p100 < 5ms", "4:10", "quantile"},
               {"response p99 < 0ms", "4:10", "above 0"},
               {"success >= 101%", "4:10", "out of range"},
               {"[response p99 < 5ms]", "4:10", "`claims` must be a single value, not a list"},
               {"success >= 99%, success  >= 99%", "4:26", "made twice, first in line 4"},
               {"service p99 < 31s, success > 1%", "4:10", "above 30.0 s"}});
}

TEST(plan_mistakes, a_response_claim_in_a_closed_loop) {
  const std::string load = "{users: 1}";
  expect_each({{plan_with_claim("success >= 1%, response p99 < 5ms", load), "4:25",
                "a closed loop has no response time"}});
  EXPECT_THAT(texts(read_text(plan_with_claim("service p99 < 5ms", load))), IsEmpty());
}

TEST(plan_mistakes, claims_on_processes) {
  const std::string load = "{rate: 10/s}";
  for (const char* claim : {"cpu(services) < 80%", "memory_growth(services) < 1MiB/min"}) {
    expect_each({{plan_with_claim(claim, load), "4:10", "it stages none: name them under"}});
    EXPECT_THAT(texts(read_text("services: [echo]\n" + plan_with_claim(claim, load))), IsEmpty());
  }
  EXPECT_THAT(texts(read_text(plan_with_claim("cpu(server) < 80%, cpu(generator) < 80%", load))),
              IsEmpty());
  expect_each({{plan_with_claim("cpu(clients) < 80%", load), "4:10", "server, services or"}});
}

TEST(plan_mistakes, a_timeout_below_twice_the_limit_of_a_claim_that_touches_the_task) {
  const auto with = [](const std::string& claim) { return read_text(plan_with_claim(claim)); };
  EXPECT_THAT(texts(with("response p99 < 125ms")), IsEmpty());
  EXPECT_THAT(texts(with("response p99 < 126ms")),
              ElementsAre(AllOf(StartsWith("plan.yaml:3:40: the timeout of `a`, 250 ms, is below "
                                           "twice the limit of the claim `response p99 < 126ms`"),
                                HasSubstr("at least 252 ms"))));
  EXPECT_THAT(texts(with("a service max < 126ms")), SizeIs(1));
  EXPECT_THAT(texts(with("response p50 < 1ms, response p99 < 126ms")), SizeIs(1));
  // The timeout it did not give is at its task; a claim on another task does not touch it.
  EXPECT_THAT(texts(read_text("name: p\nload: {rate: 1/s}\n"
                              "tasks: [{name: a, subject: s}, {name: b, subject: s}]\n"
                              "claims: [b response p99 < 600ms]\n")),
              ElementsAre(StartsWith("plan.yaml:3:32: the timeout of `b`, 1.00 s")));
}

TEST(plan_mistakes, of_flags_name_the_flag) {
  const auto with = [](const std::string& path, const std::string& value) {
    return texts(read_plan(
        {.file = "plan.yaml", .text = plan_with_load("{rate: 10/s}"), .set = {{path, value}}}));
  };
  EXPECT_THAT(with("load.rate", "10"),
              ElementsAre("--set load.rate: `rate`: `10` needs a unit, as in 2000/s"));
  EXPECT_THAT(with("load.raet", "10/s"),
              ElementsAre("--set load.raet: unknown key `raet` in `load` (did you mean `rate`?)"));
  EXPECT_THAT(with("tasks.1.timeout", "1s"), ElementsAre(HasSubstr("`tasks` is a list of 1")));
  EXPECT_THAT(with("tasks.first.timeout", "1s"), ElementsAre(HasSubstr("not `first`")));
  EXPECT_THAT(with("name.first", "x"),
              ElementsAre("--set name.first: `name` is a single value and has no `first`"));
  EXPECT_THAT(with("", "x"),
              ElementsAre(StartsWith("--set : must be words with dots between them")));
  EXPECT_THAT(with("load..rate", "x"), ElementsAre(StartsWith("--set load..rate: must be words")));
  EXPECT_THAT(with("claims", "[a"), ElementsAre(StartsWith("--set claims: not YAML")));
  EXPECT_THAT(with("about", ""), ElementsAre("--set about: `about` has no value"));
  EXPECT_THAT(with("load.duration", "[1]"), ElementsAre(StartsWith("--set load.duration: ")));
}

TEST(plan_mistakes, of_the_time_scale) {
  for (const double scale : {0.0, -1.0, 1e6, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THAT(texts(read_plan({.file = "plan.yaml",
                                 .text = plan_with_load("{rate: 10/s}"),
                                 .set = {},
                                 .time_scale = scale})),
                ElementsAre(StartsWith("--time: must be from 0.001x to 100x")));
  }
  EXPECT_THAT(texts(read_plan({.file = "plan.yaml",
                               .text = plan_with_load("{rate: 10/s, duration: 10ms}"),
                               .set = {},
                               .time_scale = 0.01})),
              ElementsAre(AllOf(StartsWith("plan.yaml:2:30: `duration`"), HasSubstr("100 µs"))));
}

}  // namespace
}  // namespace natsproof
