#include "models/sample/customer.h"

#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "models/sample/draw.h"
#include "models/sample/text.h"

namespace natsproof {
namespace {

using models::v1::Address;
using models::v1::CustomerProfile;

// Countries whose postal codes have five digits.
struct City {
  std::string_view name, state, country;
  std::int32_t latitude_e4, longitude_e4;  // in ten-thousandths of a degree
};
constexpr City kCities[] = {
    {"Springfield", "IL", "US", 397817, -896501},
    {"New York", "NY", "USA", 407128, -740060},
    {"San José", "California", "US", 373382, -1218863},
    {"Chicago", "IL", "US", 418781, -876298},
    {"München", "Bayern", "DE", 481351, 115820},
    {"Köln", "Nordrhein-Westfalen", "DE", 509375, 69603},
    {"Saint-Étienne", "Auvergne-Rhône-Alpes", "FR", 454397, 43872},
    {"A Coruña", "Galicia", "ES", 433623, -84115},
    {"Forlì", "Emilia-Romagna", "IT", 442227, 120407},
    {"Ciudad de México", "CDMX", "MX", 194326, -991332},
    {"Jyväskylä", "Keski-Suomi", "FI", 622426, 257473},
    {"İzmir", "Ege", "TR", 384237, 271428},
    {"서울", "서울특별시", "KR", 375665, 1269780},
};
constexpr std::string_view kStreets[] = {
    "Main Street",  "Oak Avenue",      "Hauptstraße",    "Rue de l'Église",
    "Calle Mayor",  "Via Garibaldi",   "Peña Boulevard", "Lindenweg",
    "Station Road", "Atatürk Caddesi", "세종대로",       "Martin Luther King Jr. Drive"};
constexpr std::string_view kFirstNames[] = {"Anna",   "Ben",    "Zoë",    "José",    "Søren",
                                            "Fatima", "Łukasz", "Hana",   "Иван",    "陽子",
                                            "Noah",   "Aoife",  "Pierre", "Mary Ann"};
constexpr std::string_view kLastNames[] = {"Smith",          "Müller",   "O'Brien", "Nguyễn",
                                           "García Márquez", "Öztürk",   "田中",    "Kim",
                                           "Петров",         "van Dijk", "Rossi",   "Lindström"};
constexpr std::string_view kLanguages[] = {"en", "en", "en", "de", "fr",
                                           "es", "it", "fi", "tr", "ko"};
constexpr std::string_view kPreferences[][2] = {{"newsletter", "weekly"}, {"theme", "dark"},
                                                {"currency", "EUR"},      {"sizes", "EU 42 / L"},
                                                {"contact", "e-mail"},    {"packaging", "réduit"}};

constexpr std::int64_t kOldestBirth_day = -10957;   // 1940-01-01, in days since 1970
constexpr std::int64_t kYoungestBirth_day = 13878;  // 2007-12-31

}  // namespace

void fill_address(Random& random, Address& address) {
  const City& city = one_of(random, kCities);
  address.set_street(std::string(one_of(random, kStreets)));
  address.mutable_street()->append(fmt::format(" {}", between(random, 1, 2999)));
  if (chance(random, 30)) address.set_apartment(fmt::format("Apt. {}", between(random, 1, 400)));
  address.set_city(std::string(city.name));
  address.set_state(std::string(city.state));
  address.set_postal_code(sample_digits(random, 5));
  if (chance(random, 20)) address.mutable_postal_code()->append("-" + sample_digits(random, 4));
  address.set_country(std::string(city.country));
  if (chance(random, 60)) {
    const std::int64_t north = between(random, -500, 500);
    const std::int64_t east = between(random, -500, 500);
    address.set_latitude(static_cast<double>(city.latitude_e4 + north) / 10000);
    address.set_longitude(static_cast<double>(city.longitude_e4 + east) / 10000);
  }
  address.set_residential(chance(random, 80));
  if (chance(random, 25)) address.set_delivery_instructions(sample_prose(random, 10, 200));
}

void fill_customer(Random& random, CustomerProfile& customer) {
  customer.set_customer_id(sample_id(random, "cust-"));
  customer.set_email(sample_email(random));
  customer.set_phone(chance(random, 50) ? "+1" + sample_digits(random, 10)
                                        : sample_digits(random, between_int32(random, 9, 15)));
  customer.set_first_name(std::string(one_of(random, kFirstNames)));
  customer.set_last_name(std::string(one_of(random, kLastNames)));
  if (chance(random, 80)) {
    const std::int64_t day = between(random, kOldestBirth_day, kYoungestBirth_day);
    customer.mutable_date_of_birth()->set_seconds(day * kDay_s);
  }
  const int of_10 = between_int32(random, 1, 10);
  const int addresses = of_10 <= 7 ? 1 : of_10 <= 9 ? 2 : 3;
  for (int i = 0; i < addresses; ++i) fill_address(random, *customer.add_addresses());
  customer.set_preferred_language(std::string(one_of(random, kLanguages)));
  customer.set_marketing_consent(chance(random, 40));
  customer.set_loyalty_tier(static_cast<models::v1::LoyaltyTier>(
      between_int32(random, models::v1::BRONZE, models::v1::PLATINUM)));
  if (chance(random, 40)) customer.set_balance_cents(between(random, 1, 50000));
  const int preferences = between_int32(random, 0, 4);
  for (int i = 0; i < preferences; ++i) {
    const auto& preference = one_of(random, kPreferences);
    (*customer.mutable_preferences())[std::string(preference[0])] = preference[1];
  }
}

}  // namespace natsproof
