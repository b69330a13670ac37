#pragma once
namespace natsproof {
class JsonReader {};
}  // namespace natsproof
