// A fuzz target without libFuzzer: the files of a folder as they are, then changed at random.
//
//   replay FOLDER CHANGES
//
// The changes are the same in each run.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "fuzz/target.h"

namespace {

using Input = std::vector<uint8_t>;

// A byte's value, a cut, a byte more, or a piece of another input.
Input changed(Input input, const Input& other, std::mt19937& random) {
  auto below = [&random](size_t limit) { return limit == 0 ? 0 : random() % limit; };
  for (size_t times = 1 + below(4); times > 0; times--) {
    size_t at = below(input.size() + 1);
    switch (below(4)) {
      case 0:
        if (at < input.size()) input[at] = static_cast<uint8_t>(random());
        break;
      case 1:
        input.resize(at);
        break;
      case 2:
        input.insert(input.begin() + static_cast<ptrdiff_t>(at), static_cast<uint8_t>(random()));
        break;
      default: {
        size_t from = below(other.size() + 1);
        input.insert(input.begin() + static_cast<ptrdiff_t>(at),
                     other.begin() + static_cast<ptrdiff_t>(from), other.end());
      }
    }
    if (input.size() > 8192) input.resize(8192);
  }
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s FOLDER CHANGES\n", argv[0]);
    return 2;
  }
  std::vector<Input> inputs{{}};
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    std::ifstream file(entry.path(), std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  for (const Input& input : inputs) LLVMFuzzerTestOneInput(input.data(), input.size());
  std::mt19937 random(1);  // NOLINT: the same each time is what is wanted
  long changes = std::strtol(argv[2], nullptr, 10);
  for (long i = 0; i < changes; i++) {
    const Input& other = inputs[random() % inputs.size()];
    Input input = changed(inputs[random() % inputs.size()], other, random);
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
  std::printf("%zu inputs, %ld changes\n", inputs.size(), changes);
}
