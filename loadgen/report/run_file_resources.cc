#include "loadgen/report/run_file_json.h"

namespace natsproof {

nlohmann::ordered_json resources_json(const std::vector<ResourceRecord>&) {
  return nlohmann::ordered_json::array();
}

std::vector<ResourceRecord> read_resources(const JsonNode&) {
  return {};
}

}  // namespace natsproof
