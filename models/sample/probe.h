// The small message with every kind of rule.
#pragma once

#include "base/random.h"
#include "models/schema/probe.pb.h"

namespace natsproof {

models::v1::ValidationProbe sample_probe(Random& random);

}  // namespace natsproof
