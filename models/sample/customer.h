// Who orders, and where it goes.
#pragma once

#include "base/random.h"
#include "models/schema/customer.pb.h"

namespace natsproof {

void fill_address(Random& random, models::v1::Address& address);
void fill_customer(Random& random, models::v1::CustomerProfile& customer);  // 1..3 addresses

}  // namespace natsproof
