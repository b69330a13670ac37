// The services with one endpoint whose answer is a function of the request alone, that of
// models/answers/answers.h:
//
//   fraud      fraud.score        ScoreRequest      ScoreReply
//   inventory  inventory.reserve  ReserveRequest    ReserveReply
//   payment    payment.authorize  AuthorizeRequest  AuthorizeReply
//   analytics  analytics.ingest   EventBatch        IngestReply
//   bulk       bulk.process       BulkRequest       BulkReply
//   probe      probe.validate     ValidationProbe   ProbeReply
#pragma once

#include <memory>

#include "base/result.h"
#include "services/runtime/service.h"
#include "services/serve.h"

namespace natsproof {

Result<std::unique_ptr<Service>> make_fraud_service(const ServiceNaming&, const Clock&);
Result<std::unique_ptr<Service>> make_inventory_service(const ServiceNaming&, const Clock&);
Result<std::unique_ptr<Service>> make_payment_service(const ServiceNaming&, const Clock&);
Result<std::unique_ptr<Service>> make_analytics_service(const ServiceNaming&, const Clock&);
Result<std::unique_ptr<Service>> make_bulk_service(const ServiceNaming&, const Clock&);
Result<std::unique_ptr<Service>> make_probe_service(const ServiceNaming&, const Clock&);

}  // namespace natsproof
