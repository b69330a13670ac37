#include "loadgen/report/run_file_json.h"

namespace natsproof {

nlohmann::ordered_json platform_json(const PlatformRecord&) {
  return nlohmann::ordered_json::object();
}

PlatformRecord read_platform(const JsonNode&) {
  return {};
}

}  // namespace natsproof
