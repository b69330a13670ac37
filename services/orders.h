// orders: takes orders and finds them again.
//
//   orders.place  Order       OrderReply
//   orders.get    GetOrder    GetOrderReply
//   orders.batch  OrderBatch  OrderBatchReply
//
// An order goes to fraud, inventory and payment, one after the other, in Protobuf; the instance
// serves others meanwhile. What they refuse (402, 403, 409) is `declined`; a neighbour that nobody
// serves, that does not answer within kCallTimeout or answers something else is our problem, 500.
// The orders of a batch go the same way, all at the same time; each reply names the instance. The
// batch is refused as a whole when it breaks a rule anywhere, or when one of its orders ends in a
// problem.
#pragma once

#include <memory>

#include "base/result.h"
#include "services/runtime/service.h"
#include "services/serve.h"

namespace natsproof {

enum class Neighbours { over_nats, in_process };

// In process the neighbours are functions, with the same answers.
Result<std::unique_ptr<Service>> make_orders_service(const ServiceNaming& naming,
                                                     Neighbours neighbours, const Clock& clock);

}  // namespace natsproof
