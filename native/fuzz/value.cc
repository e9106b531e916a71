// The wire format of host and helper: what is decoded is encoded and decoded to the same value.
#include "core/value.h"

#include "fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ocirt::Value value;
  if (!ocirt::decode(ocirt::fuzz::text(data, size), value)) return 0;
  std::string bytes;
  ocirt::encode(value, bytes);
  ocirt::Value again;
  ocirt::fuzz::require(ocirt::decode(bytes, again));
  // By their bytes: a NaN is not equal to itself.
  std::string same;
  ocirt::encode(again, same);
  ocirt::fuzz::require(bytes == same);
  return 0;
}
