// health: which instance answers, since when it runs, and how many requests it has taken and
// refused, this one included. What the request carries is not read, but for its Content-Type.
// Subject `<prefix>health`.
#pragma once

#include <memory>

#include "base/result.h"
#include "services/runtime/service.h"
#include "services/serve.h"

namespace natsproof {

Result<std::unique_ptr<Service>> make_health_service(const ServiceNaming& naming,
                                                     const Clock& clock);

}  // namespace natsproof
