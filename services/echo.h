// echo: returns each payload as it came, without its headers. Subject `<prefix>echo`.
#pragma once

#include <memory>

#include "base/result.h"
#include "services/runtime/service.h"
#include "services/serve.h"

namespace natsproof {

Result<std::unique_ptr<Service>> make_echo_service(const ServiceNaming& naming, const Clock& clock);

}  // namespace natsproof
