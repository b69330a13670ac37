// A nats-server with an echo service behind it, in memory, in place of the kernel's sockets.
//
// The linker puts it under the whole of natsproof-bench (--wrap, see CMakeLists.txt): what the wire
// client writes with send() is answered before send() returns, and recv() gives the answer. So the
// real client and the real worker run without a kernel in the way. One thread.
#pragma once

#include "base/time.h"

namespace natsproof {

// The time spent in here since the program began: the kernel's and the server's part, to be taken
// off a measurement.
Duration time_in_memory_server();

}  // namespace natsproof
