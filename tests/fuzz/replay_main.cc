// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target over files and folders of inputs, without a fuzzer: what ctest does with the
// committed corpora. usage: fuzz_TARGET MALLOC_LIMIT_MB PATH...
// An allocation above the limit aborts, as libFuzzer's -malloc_limit_mb does; an input that takes
// longer than 20 seconds ends the program, as its -timeout does.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

size_t max_allocation_bytes = SIZE_MAX;

[[maybe_unused]] void* Allocate(size_t size) {
  if (size > max_allocation_bytes) {
    std::fprintf(stderr, "an allocation of %zu bytes is over the limit\n", size);
    std::abort();
  }
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

std::vector<std::string> InputsOf(const std::string& path) {
  if (!std::filesystem::is_directory(path)) return {path};
  std::vector<std::string> inputs;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) inputs.push_back(entry.path());
  }
  std::sort(inputs.begin(), inputs.end());
  return inputs;
}

bool Replay(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return false;
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  // A copy of exactly this size, so that a sanitizer sees every read behind it.
  const std::vector<uint8_t> input(bytes.begin(), bytes.end());
  std::fprintf(stderr, "%s\n", path.c_str());
  constexpr unsigned kMaxTime_s = 20;
  alarm(kMaxTime_s);
  LLVMFuzzerTestOneInput(input.data(), input.size());
  alarm(0);
  return true;
}

}  // namespace

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they have their own
void* operator new(size_t size) { return Allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
#endif

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  max_allocation_bytes = std::strtoull(argv[1], nullptr, 10) << 20;
  size_t num_inputs = 0;
  for (int i = 2; i < argc; ++i) {
    for (const std::string& path : InputsOf(argv[i])) {
      if (!Replay(path)) {
        std::fprintf(stderr, "%s: cannot be read\n", path.c_str());
        return 1;
      }
      ++num_inputs;
    }
  }
  std::printf("%zu inputs\n", num_inputs);
  return num_inputs > 0 ? 0 : 1;
}
