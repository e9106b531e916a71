// What fuzz targets share. Each has the one function that libFuzzer calls; without libFuzzer
// fuzz/replay.cc calls it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace ocirt::fuzz {

inline std::string_view text(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// What must hold for every input.
inline void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace ocirt::fuzz
