// Tasks that send messages of models: what is sent, in what shares, and what becomes of each reply.
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include <fmt/format.h>

#include "loadgen/engine/message_text.h"
#include "messaging/headers.h"
#include "models/schema/order.natsproof.h"
#include "models/schema/services.natsproof.h"
#include "tests/effort.h"
#include "tests/sim/engine/shop.h"
#include "tests/sim/engine/simulation.h"

namespace natsproof {
namespace {

using models::v1::OrderReply;
using models::v1::Problem;

const std::vector<std::string> kModelEndpoints = {
    "orders.place", "orders.get",       "orders.batch", "inventory.reserve", "payment.authorize",
    "fraud.score",  "analytics.ingest", "bulk.process", "probe.validate",    "health"};
constexpr Encoding kBothCodecs[] = {Encoding::protobuf, Encoding::json};
constexpr std::uint64_t kRequests = effort(500);

Task model_task(const std::string& endpoint, Encoding codec = Encoding::protobuf,
                Verify verify = Verify::full) {
  PayloadSpec payload = default_payload(*payload_kind_of(endpoint));
  if (endpoint == "bulk.process") payload.count = {5, 20};
  return Task{.name = endpoint,
              .endpoint = endpoint,
              .payloads = {payload},
              .codec = codec,
              .timeout = 250ms,
              .expect = Expect::answer,
              .verify = verify};
}

Task with(Task task, std::vector<Injection> inject) {
  task.inject = std::move(inject);
  return task;
}

Plan plan_of(std::vector<Task> tasks, std::uint64_t seed = 1, std::uint64_t requests = kRequests) {
  Plan plan = open_plan(1000, requests * 1ms);
  plan.load.seed = seed;
  plan.tasks = std::move(tasks);
  return plan;
}

using Alter = std::function<void(const MemoryRequest&, ShopReply&)>;

Repetition run(const Plan& plan, const Alter& alter = {}) {
  Simulation simulation(plan);
  simulation.transport.set_max_payload(8 << 20);  // for one item more than a bulk may have, in JSON
  simulation.transport.set_responder([&](const MemoryRequest& request) {
    ShopReply reply = answered(request, request.sequence % 3 == 0 ? "shop-2" : "shop-1");
    if (alter) alter(request, reply);
    return std::vector<MemoryReply>{reply.sent(100us)};
  });
  return simulation.run();
}

void expect_all(const Repetition& repetition, RequestClass c) {
  const RequestCounts& counts = repetition.tasks.front().measured;
  EXPECT_GT(counts.planned, 0U);
  EXPECT_EQ(counts.of(c), counts.planned) << kRequestClassNames[static_cast<std::size_t>(c)];
}

void expect_all_orders(RequestClass c, const Alter& alter, Verify verify = Verify::full) {
  for (const Encoding codec : kBothCodecs) {
    SCOPED_TRACE(codec_name(codec));
    expect_all(run(plan_of({model_task("orders.place", codec, verify)}), alter), c);
  }
}

// Changes the reply to an order, in its encoding.
Alter altered(std::function<void(OrderReply&)> change) {
  return [change = std::move(change)](const MemoryRequest& /*request*/, ShopReply& reply) {
    OrderReply message;
    ASSERT_TRUE(decode(reply.body, reply.encoding, message));
    change(message);
    reply.body = encode(message, reply.encoding);
  };
}

TEST(ModelTasks, TheRightAnswerOfEveryEndpointIsOk) {
  for (const std::string& endpoint : kModelEndpoints) {
    for (const Encoding codec : kBothCodecs) {
      for (const Verify verify : {Verify::full, Verify::envelope}) {
        SCOPED_TRACE(endpoint + " " + std::string(codec_name(codec)));
        const Repetition repetition = run(plan_of({model_task(endpoint, codec, verify)}));
        expect_all(repetition, RequestClass::ok);
        EXPECT_EQ(repetition.tasks.front().content_verified, verify == Verify::full);
      }
    }
  }
}

TEST(ModelTasks, WhatIsEncodedInlineIsWhatIsEncodedAhead) {
  for (const std::string& endpoint : kModelEndpoints) {
    for (const Encoding codec : kBothCodecs) {
      SCOPED_TRACE(endpoint + " " + std::string(codec_name(codec)));
      std::map<Encode, std::map<Sequence, std::string>> sent;
      std::map<Encode, std::uint64_t> bytes;
      for (const Encode encode : {Encode::ahead, Encode::inline_}) {
        Task task = model_task(endpoint, codec);
        if (!injectable(endpoint, codec).empty()) task = with(task, {{.share = 0.2}});
        task.encode = encode;
        const Repetition repetition =
            run(plan_of({task}), [&](const MemoryRequest& request, const ShopReply& /*reply*/) {
              sent[encode].emplace(request.sequence, request.payload);
            });
        const RequestCounts& counts = repetition.tasks.front().measured;
        EXPECT_EQ(counts.successes(), counts.planned);
        bytes[encode] = counts.bytes_out;
      }
      EXPECT_EQ(sent[Encode::ahead], sent[Encode::inline_]);
      EXPECT_EQ(bytes[Encode::ahead], bytes[Encode::inline_]);
    }
  }
}

TEST(ModelTasks, RepliesNameTheInstanceThatAnswered) {
  for (const std::string& endpoint : kModelEndpoints) {
    for (const Encoding codec : kBothCodecs) {
      SCOPED_TRACE(endpoint + " " + std::string(codec_name(codec)));
      std::uint64_t naming = 0;  // a refusal, right as it may be, names none
      const Repetition repetition =
          run(plan_of({model_task(endpoint, codec)}),
              [&](const MemoryRequest& /*request*/, const ShopReply& reply) {
                naming += reply.error_code == 0;
              });
      const auto& instances = repetition.tasks[1].instances;
      ASSERT_EQ(instances.size(), 2U);
      EXPECT_EQ(instances[0].id, "shop-1");
      EXPECT_EQ(instances[1].id, "shop-2");
      EXPECT_EQ(instances[0].service.count() + instances[1].service.count(), naming);
      EXPECT_GT(instances[0].service.count(), instances[1].service.count());
    }
  }
  const Repetition believed =
      run(plan_of({model_task("orders.place", Encoding::json, Verify::envelope)}));
  EXPECT_TRUE(believed.tasks[0].instances.empty());
}

TEST(ModelTasks, AReplyInAnotherSpellingNamesItsInstanceToo) {
  for (const Encoding codec : kBothCodecs) {
    SCOPED_TRACE(codec_name(codec));
    const Repetition repetition =
        run(plan_of({model_task("orders.place", codec)}),
            [](const MemoryRequest& /*request*/, ShopReply& reply) {
              OrderReply message;
              if (reply.error_code != 0 || !decode(reply.body, reply.encoding, message)) return;
              reply.body = otherwise_encoded(message, reply.encoding);
            });
    expect_all(repetition, RequestClass::ok);
    const auto& instances = repetition.tasks[0].instances;
    ASSERT_EQ(instances.size(), 2U);
    EXPECT_EQ(instances[0].id, "shop-1");
    EXPECT_EQ(instances[1].id, "shop-2");
  }
}

TEST(ModelTasks, WhatIsNoNameIsNotAnInstance) {
  for (const std::string& name : {std::string("not a name"), std::string(200, 'x')}) {
    const Repetition repetition =
        run(plan_of({model_task("orders.place")}),
            altered([&](OrderReply& reply) { reply.set_served_by(name); }));
    EXPECT_TRUE(repetition.tasks[0].instances.empty());
  }
}

TEST(ModelTasks, ADeclinedOrderAndAnUnknownOneAreRightAnswers) {
  int declined = 0;
  int unknown = 0;
  expect_all(run(plan_of({model_task("orders.place")}, 1, 2000),
                 [&](const MemoryRequest& /*request*/, const ShopReply& reply) {
                   OrderReply message;
                   ASSERT_TRUE(decode(reply.body, reply.encoding, message));
                   declined += message.has_declined();
                 }),
             RequestClass::ok);
  expect_all(run(plan_of({model_task("orders.get")}, 1, 2000),
                 [&](const MemoryRequest& /*request*/, const ShopReply& reply) {
                   unknown += reply.error_code == 404;
                 }),
             RequestClass::ok);
  EXPECT_GT(declined, 0);
  EXPECT_GT(unknown, 0);
}

TEST(ModelTasks, OrdersThatMustBeDeclinedAre) {
  Task task = model_task("orders.place");
  task.payloads.front().declined = true;
  expect_all(run(plan_of({task}),
                 [](const MemoryRequest& /*request*/, const ShopReply& reply) {
                   OrderReply message;
                   ASSERT_TRUE(decode(reply.body, reply.encoding, message));
                   EXPECT_TRUE(message.has_declined());
                 }),
             RequestClass::ok);
}

TEST(ModelTasks, ABulkCanAskForALongReply) {
  Task task = model_task("bulk.process");
  std::uint64_t bytes[2] = {};
  for (const bool keys : {false, true}) {
    task.payloads.front().reply_keys = keys;
    const Repetition repetition = run(plan_of({task}));
    expect_all(repetition, RequestClass::ok);
    bytes[keys] = repetition.tasks.front().measured.bytes_in;
  }
  EXPECT_GT(bytes[true], bytes[false] + kRequests * 100);
}

TEST(ModelTasks, AnotherSpellingOfTheRightReplyIsRight) {
  expect_all_orders(RequestClass::ok, [](const MemoryRequest& /*request*/, ShopReply& reply) {
    OrderReply message;
    ASSERT_TRUE(decode(reply.body, reply.encoding, message));
    reply.body = otherwise_encoded(message, reply.encoding);
  });
  expect_all_orders(RequestClass::ok, altered([](OrderReply& reply) {
                      reply.set_served_by("an \"instance\" of ours: ä");
                    }));
  expect_all_orders(RequestClass::ok,
                    altered([](OrderReply& reply) { reply.set_served_by(std::string(300, 'x')); }));
}

TEST(ModelTasks, AWrongAnswerIsAWrongReply) {
  const std::vector<std::function<void(OrderReply&)>> changes = {
      [](OrderReply& reply) { reply.clear_served_by(); },
      [](OrderReply& reply) { reply.set_order_id("ORD-00000000"); },
      [](OrderReply& reply) {
        reply.mutable_accepted()->set_total_cents(reply.accepted().total_cents() + 1);
      },
      [](OrderReply& reply) { reply.clear_outcome(); },
      [](OrderReply& reply) { reply.mutable_declined()->set_reason(models::v1::FRAUD); }};
  for (const auto& change : changes) expect_all_orders(RequestClass::wrong_reply, altered(change));
  for (const char* more : {"x", " ", "}"}) {
    expect_all_orders(RequestClass::wrong_reply, [&](const auto& /*request*/, ShopReply& reply) {
      if (reply.encoding == Encoding::json && *more == ' ') more = "x";  // a blank may follow
      reply.body += more;
    });
  }
  expect_all_orders(RequestClass::wrong_reply,
                    [](const auto& /*request*/, ShopReply& reply) { reply.body.pop_back(); });
  expect_all_orders(RequestClass::wrong_reply,
                    [](const auto& /*request*/, ShopReply& reply) { reply.body.clear(); });
  expect_all_orders(RequestClass::wrong_reply, [](const auto& /*request*/, ShopReply& reply) {
    reply.content_type =
        content_type(reply.encoding == Encoding::json ? Encoding::protobuf : Encoding::json);
  });
}

TEST(ModelTasks, AnAcceptedOrderThatIsToBeRefusedIsAWrongReply) {
  const Repetition repetition =
      run(plan_of({model_task("orders.get")}), [](const MemoryRequest& request, ShopReply& reply) {
        if (reply.error_code == 0) return;
        models::v1::GetOrder get;
        ASSERT_TRUE(decode(request.payload, Encoding::protobuf, get));
        models::v1::GetOrderReply found;
        found.set_order_id(get.order_id());
        found.set_served_by("shop");
        reply = {.body = encode(found, Encoding::protobuf)};
      });
  const RequestCounts& counts = repetition.tasks.front().measured;
  EXPECT_GT(counts.of(RequestClass::wrong_reply), 0U);
  EXPECT_EQ(counts.of(RequestClass::wrong_reply) + counts.of(RequestClass::ok), kRequests);
}

TEST(ModelTasks, ARefusalThatIsTheRightAnswerIsVerifiedLikeOne) {
  const auto counts = [](Verify verify, const std::function<void(ShopReply&)>& change) {
    std::uint64_t changed = 0;
    Repetition repetition = run(plan_of({model_task("orders.get", Encoding::json, verify)}),
                                [&](const MemoryRequest& /*request*/, ShopReply& reply) {
                                  if (reply.error_code == 0 || ++changed % 2 == 0) return;
                                  change(reply);
                                });
    EXPECT_GT(changed, 0U);
    const RequestCounts& measured = repetition.tasks.front().measured;
    const std::uint64_t others = (changed + 1) / 2;
    EXPECT_EQ(measured.of(RequestClass::ok) + others, kRequests);
    return repetition.tasks.front().measured;
  };
  const auto other_words = [](ShopReply& reply) { reply.problem.set_message("gone"); };
  EXPECT_GT(counts(Verify::full, other_words).of(RequestClass::wrong_reply), 0U);
  const auto overloaded = [](ShopReply& reply) { reply.error_code = 429; };
  EXPECT_GT(counts(Verify::full, overloaded).of(RequestClass::service_error), 0U);
  EXPECT_GT(counts(Verify::envelope, overloaded).of(RequestClass::service_error), 0U);
}

TEST(ModelTasks, AValidRequestThatIsRefusedIsAServiceError) {
  for (const int code : {400, 415, 500, 503}) {
    const auto refuse = [&](const MemoryRequest& /*request*/, ShopReply& reply) {
      reply.error_code = code;
      reply.problem.set_code(code);
      reply.body.clear();
    };
    for (const Verify verify : {Verify::full, Verify::envelope}) {
      const Repetition repetition =
          run(plan_of({model_task("orders.place", Encoding::protobuf, verify)}), refuse);
      expect_all(repetition, RequestClass::service_error);
      EXPECT_EQ(repetition.tasks.front().measured.error_codes,
                (std::map<int, std::uint64_t>{{code, kRequests}}));
    }
  }
}

TEST(ModelTasks, EveryInvalidRequestThatIsRefusedAsItMustBeIsRejected) {
  constexpr std::uint64_t kOfAKind = effort(40);
  for (const std::string& endpoint : injectable_endpoints()) {
    for (const Encoding codec : kBothCodecs) {
      for (const InvalidKind kind : injectable(endpoint, codec)) {
        SCOPED_TRACE(fmt::format("{} {} {}", endpoint, codec_name(codec), invalid_kind_name(kind)));
        const Task task = with(model_task(endpoint, codec), {{kind, 1}});
        const Repetition repetition = run(plan_of({task}, 1, kOfAKind));
        expect_all(repetition, RequestClass::rejected);
        const int code = kind == InvalidKind::unknown_encoding ? 415 : 400;
        EXPECT_EQ(repetition.tasks.front().measured.error_codes,
                  (std::map<int, std::uint64_t>{{code, kOfAKind}}));
      }
    }
  }
}

TEST(ModelTasks, AnyKindIsEveryKindThatFits) {
  for (const Encoding codec : kBothCodecs) {
    std::set<std::string> types;
    std::set<std::pair<std::string, std::string>> broken;
    run(plan_of({with(model_task("orders.place", codec), {{std::nullopt, 1}})}),
        [&](const MemoryRequest& request, const ShopReply& reply) {
          types.emplace(*find_header(request.headers, kContentType));
          for (const auto& violation : reply.problem.violations())
            broken.emplace(violation.rule(), violation.path());
        });
    EXPECT_GT(types.size(), 1U) << "an unknown one beside our own";
    std::set<std::string> rules;
    for (const auto& [rule, path] : broken) rules.insert(rule);
    for (const char* rule : {"required", "pattern", "format", "before", "check", "encoding"}) {
      EXPECT_TRUE(rules.contains(rule)) << rule;
    }
  }
}

// Of 1,000 invalid orders, what is altered in their refusals.
void expect_of_refusals(RequestClass c, const Alter& alter, Verify verify = Verify::full,
                        InvalidKind kind = InvalidKind::bad_email) {
  for (const Encoding codec : kBothCodecs) {
    SCOPED_TRACE(codec_name(codec));
    expect_all(run(plan_of({with(model_task("orders.place", codec, verify), {{kind, 1}})}), alter),
               c);
  }
}

TEST(ModelTasks, AnInvalidRequestThatIsAcceptedIsAWrongReply) {
  const auto accept = [](const MemoryRequest& /*request*/, ShopReply& reply) {
    OrderReply accepted;
    accepted.set_order_id("ORD-00000000");
    accepted.mutable_accepted();
    accepted.set_served_by("shop");
    reply = {.encoding = reply.encoding, .body = encode(accepted, reply.encoding)};
  };
  expect_of_refusals(RequestClass::wrong_reply, accept);
  expect_of_refusals(RequestClass::wrong_reply, accept, Verify::envelope);
}

TEST(ModelTasks, AWrongRefusalOfAnInvalidRequestIsAWrongReply) {
  const std::vector<std::function<void(Problem&)>> changes = {
      [](Problem& problem) { problem.mutable_violations(0)->set_path("customer"); },
      [](Problem& problem) { problem.mutable_violations(0)->set_rule("required"); },
      [](Problem& problem) { problem.clear_violations(); },
      [](Problem& problem) { *problem.add_violations() = problem.violations(0); },
      [](Problem& problem) { problem.set_code(422); }};
  for (const auto& change : changes) {
    const auto alter = [&](const MemoryRequest& /*request*/, ShopReply& reply) {
      change(reply.problem);
    };
    expect_of_refusals(RequestClass::wrong_reply, alter);
    expect_of_refusals(RequestClass::rejected, alter, Verify::envelope);
  }
  const auto no_problem = [](const MemoryRequest& /*request*/, ShopReply& reply) {
    reply.body = "sorry";
  };
  expect_of_refusals(RequestClass::wrong_reply, no_problem);
  expect_of_refusals(RequestClass::wrong_reply, no_problem, Verify::full, InvalidKind::cut_bytes);
  const auto other_rule = [](const MemoryRequest& /*request*/, ShopReply& reply) {
    reply.problem.mutable_violations(0)->set_rule("required");
  };
  expect_of_refusals(RequestClass::wrong_reply, other_rule, Verify::full, InvalidKind::cut_bytes);
  const auto elsewhere = [](const MemoryRequest& /*request*/, ShopReply& reply) {
    reply.problem.mutable_violations(0)->set_path("somewhere");
  };
  expect_of_refusals(RequestClass::rejected, elsewhere, Verify::full, InvalidKind::cut_bytes);
  expect_all(run(plan_of({with(model_task("orders.place", Encoding::json),
                               {{InvalidKind::wrong_type, 1}})}),
                 elsewhere),
             RequestClass::wrong_reply);
}

TEST(ModelTasks, AnotherRefusalOfAnInvalidRequestIsToldByItsCode) {
  for (const int code : {404, 415, 429}) {
    expect_of_refusals(RequestClass::wrong_reply,
                       [&](const auto& /*request*/, ShopReply& reply) { reply.error_code = code; });
  }
  for (const int code : {500, 503, 0x7fff}) {
    expect_of_refusals(RequestClass::service_error,
                       [&](const auto& /*request*/, ShopReply& reply) { reply.error_code = code; });
  }
  expect_of_refusals(
      RequestClass::wrong_reply,
      [](const auto& /*request*/, ShopReply& reply) { reply.error_code = 400; }, Verify::full,
      InvalidKind::unknown_encoding);
}

TEST(ModelTasks, AWrongRefusalIsSeenAmongRightOnes) {
  const Repetition repetition =
      run(plan_of({with(model_task("orders.place"), {{InvalidKind::bad_email, 1}})}, 1, 500),
          [](const MemoryRequest& request, ShopReply& reply) {
            if (request.sequence % 10 == 0) reply.problem.mutable_violations(0)->set_path("x");
          });
  EXPECT_EQ(repetition.tasks.front().measured.of(RequestClass::rejected), 450U);
  EXPECT_EQ(repetition.tasks.front().measured.of(RequestClass::wrong_reply), 50U);
}

TEST(ModelTasks, TheEnvelopeIsNoErrorAndTheRightId) {
  expect_all_orders(RequestClass::ok, altered([](OrderReply& reply) {
                      reply.clear_outcome();
                      reply.clear_served_by();
                    }),
                    Verify::envelope);
  expect_all_orders(RequestClass::wrong_reply,
                    altered([](OrderReply& reply) { reply.set_order_id("ORD-00000000"); }),
                    Verify::envelope);
}

// How often requests of a task were refused by the shop, and what the worker made of it.
struct Injected {
  std::uint64_t planned = 0, refused = 0, rejected = 0, ok = 0;
};

std::map<std::string, Injected> inject(const Plan& plan) {
  std::map<std::string, Injected> found;
  const Repetition repetition =
      run(plan, [&](const MemoryRequest& request, const ShopReply& reply) {
        const std::string endpoint(request.subject.substr(request.subject.find('.') + 1));
        found[endpoint].refused += reply.error_code != 0;
      });
  for (const TaskRecord& task : repetition.tasks) {
    if (task.name == kAllTasks) continue;
    Injected& one = found[task.name];
    one.planned = task.measured.planned;
    one.rejected = task.measured.of(RequestClass::rejected);
    one.ok = task.measured.of(RequestClass::ok);
  }
  return found;
}

TEST(ModelTasks, AnInjectionKeepsItsShareInEachTaskAndOverSeeds) {
  constexpr int kSeeds = effort(20);
  std::map<std::string, Injected> sums;
  for (int seed = 1; seed <= kSeeds; ++seed) {
    Task small = with(model_task("probe.validate"), {{std::nullopt, 0.05}});
    small.weight = 1;
    Task large = with(model_task("orders.place"),
                      {{InvalidKind::bad_email, 0.2}, {InvalidKind::cut_bytes, 0.1}});
    large.weight = 3;
    for (const auto& [name, one] : inject(plan_of({small, large}, seed, 2000))) {
      EXPECT_EQ(one.rejected, one.refused) << "seed " << seed;
      EXPECT_EQ(one.ok + one.rejected, one.planned) << "seed " << seed;
      sums[name].planned += one.planned;
      sums[name].rejected += one.rejected;
    }
  }
  for (const auto& [name, share] :
       std::map<std::string, double>{{"probe.validate", 0.05}, {"orders.place", 0.3}}) {
    const auto n = static_cast<double>(sums[name].planned);
    EXPECT_NEAR(n, 2000.0 * kSeeds * (name == "orders.place" ? 0.75 : 0.25), 500) << name;
    EXPECT_NEAR(static_cast<double>(sums[name].rejected), n * share,
                4 * std::sqrt(n * share * (1 - share)))
        << name;
  }
}

TEST(ModelTasks, TheSameSeedInjectsTheSame) {
  const Plan plan = plan_of({with(model_task("probe.validate"), {{std::nullopt, 0.3}})});
  const auto payloads = [&] {
    std::vector<std::string> sent;
    run(plan, [&](const MemoryRequest& request, const ShopReply& /*reply*/) {
      sent.emplace_back(request.payload);
    });
    return sent;
  };
  EXPECT_EQ(payloads(), payloads());
}

TEST(ModelTasks, EntriesOfAListAreSentByTheirWeights) {
  Task task = model_task("orders.place");
  task.payloads = {{.kind = PayloadKind::order, .weight = 80, .count = {1, 3}},
                   {.kind = PayloadKind::order, .weight = 20, .count = {5, 12}}};
  std::map<int, int> by_items;
  run(plan_of({task}, 1, 10'000), [&](const MemoryRequest& request, const ShopReply& /*reply*/) {
    models::v1::Order order;
    ASSERT_TRUE(decode(request.payload, Encoding::protobuf, order));
    ++by_items[order.items_size()];
  });
  int small = 0;
  for (const auto& [items, count] : by_items) {
    EXPECT_TRUE((items >= 1 && items <= 3) || (items >= 5 && items <= 12)) << items;
    if (items <= 3) small += count;
  }
  EXPECT_EQ(by_items.size(), 11U);
  EXPECT_NEAR(small, 8000, 4 * 40);
  for (int items = 1; items <= 3; ++items) EXPECT_NEAR(by_items[items], 8000 / 3, 300);
}

TEST(ModelTasks, InvalidRequestsAreMadeFromEveryEntryOfAList) {
  Task task = with(model_task("orders.place"), {{InvalidKind::bad_email, 1}});
  task.payloads = {{.kind = PayloadKind::order, .weight = 3, .count = {1, 3}},
                   {.kind = PayloadKind::order, .weight = 1, .count = {9, 12}}};
  int small = 0;
  int large = 0;
  expect_all(run(plan_of({task}, 1, 2000),
                 [&](const MemoryRequest& request, const ShopReply& /*reply*/) {
                   models::v1::Order order;
                   ASSERT_TRUE(decode(request.payload, Encoding::protobuf, order));
                   ++(order.items_size() <= 3 ? small : large);
                 }),
             RequestClass::rejected);
  EXPECT_GT(large, 100);
  EXPECT_GT(small, large);
}

TEST(ModelTasks, BytesOfARangeAreSpreadOverIt) {
  Plan plan = open_plan(1000, 10s);
  plan.tasks[0].payloads = {{.kind = PayloadKind::bytes, .count = {4, 2003}}};
  Simulation simulation(plan);
  std::map<std::size_t, int> quarters;
  simulation.transport.set_responder([&](const MemoryRequest& request) {
    EXPECT_GE(request.payload.size(), 4U);
    EXPECT_LE(request.payload.size(), 2003U);
    ++quarters[(request.payload.size() - 4) / 500];
    return std::vector<MemoryReply>{{100us, {}, std::string(request.payload)}};
  });
  expect_all(simulation.run(), RequestClass::ok);
  for (std::size_t quarter = 0; quarter < 4; ++quarter) EXPECT_NEAR(quarters[quarter], 2500, 400);
}

TEST(ModelTasks, AnyKindKeepsUnderTheServersLimit) {
  Simulation simulation(plan_of({with(model_task("orders.place"), {{std::nullopt, 1}})}));
  simulation.transport.set_max_payload(20'000);
  simulation.transport.set_responder([&](const MemoryRequest& request) {
    return std::vector<MemoryReply>{answered(request).sent(100us)};
  });
  expect_all(simulation.run(), RequestClass::rejected);
}

}  // namespace
}  // namespace natsproof
