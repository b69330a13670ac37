#include "models/sample/events.h"

#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "models/sample/draw.h"
#include "models/sample/product_catalogue.h"
#include "models/sample/text.h"

namespace natsproof {
namespace {

using models::v1::AnalyticsEvent;
using models::v1::EventBatch;

constexpr std::string_view kTypes[] = {"page_view",    "page_view",        "product_view",
                                       "product_view", "search",           "add_to_cart",
                                       "checkout",     "remove_from_cart", "sign_in"};
constexpr std::string_view kSources[] = {"web", "web", "ios", "android", "point-of-sale"};
constexpr std::string_view kReferrers[] = {"https://www.example.com/", "newsletter", "direct",
                                           "https://search.example/?q=caf%C3%A9"};
constexpr std::string_view kLocales[] = {"en-US", "de-DE", "fr-FR", "ko-KR"};
constexpr std::string_view kAgents[] = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "ShopApp/7.3 (iPhone; iOS 17.5)", "ShopApp/7.2 (Android 14)"};

constexpr std::int64_t kFirstBatch_s = 1735689600;  // 2025-01-01
constexpr std::int64_t kLastBatch_s = 1767139200;   // 2025-12-31

void fill_event(Random& random, AnalyticsEvent& event) {
  event.set_event_id(sample_id(random, "evt-"));
  event.set_type(std::string(one_of(random, kTypes)));
  if (chance(random, 60)) event.set_user_id(sample_id(random, "cust-"));
  if (chance(random, 90)) event.set_session_id(sample_uuid(random));
  auto& properties = *event.mutable_properties();
  if (chance(random, 70)) {
    properties["product_id"] = fmt::format("PROD-{:06}", product_catalogue().draw_rank(random));
  }
  if (chance(random, 30)) properties["query"] = sample_prose(random, 3, 40);
  if (chance(random, 40)) properties["duration_ms"] = fmt::format("{}", between(random, 3, 90000));
  if (chance(random, 20)) properties["position"] = fmt::format("{}", between(random, 1, 48));
  auto& context = *event.mutable_context();
  if (chance(random, 80)) context["locale"] = one_of(random, kLocales);
  if (chance(random, 50)) context["referrer"] = one_of(random, kReferrers);
  if (chance(random, 70)) context["user_agent"] = one_of(random, kAgents);
  event.set_source(std::string(one_of(random, kSources)));
  const std::int64_t minor = between(random, 0, 40);
  const std::int64_t patch = between(random, 0, 9);
  event.set_version(fmt::format("7.{}.{}", minor, patch));
  if (chance(random, 10)) event.mutable_version()->append("-rc.1+build.2025");
}

}  // namespace

EventBatch sample_event_batch(Random& random, int events) {
  EventBatch batch;
  batch.set_batch_id(sample_id(random, "batch-"));
  std::int64_t now_s = between(random, kFirstBatch_s, kLastBatch_s);
  for (int i = 0; i < events; ++i) {
    AnalyticsEvent& event = *batch.add_events();
    fill_event(random, event);
    fill_timestamp(random, now_s, now_s + 2, *event.mutable_timestamp());
    now_s = event.timestamp().seconds() + 1;
  }
  return batch;
}

}  // namespace natsproof
