// Integers in which sums and products of 64-bit fields do not overflow.
#pragma once

namespace natsproof {

__extension__ using Int128 = __int128;

}  // namespace natsproof
