// SPDX-License-Identifier: Apache-2.0
// Fuzzes the safetensors reader. What it accepts must come back the same after it was written.
#include "fuzz_input.h"
#include "support/memory_stream.h"
#include "tensors/safetensors.h"

namespace qt::tensors {
namespace {

Bytes Written(const SafetensorsFile& file) {
  MemorySink sink;
  QT_ASSERT(WriteSafetensors(file.tensors, file.metadata, sink).ok());
  return sink.contents();
}

void ReadFile(ByteSpan input) {
  const fuzz::InputFile file(input);
  const Result<SafetensorsFile> read = LoadSafetensors(file.path());
  if (!read.ok()) return;
  const Bytes written = Written(*read);
  const fuzz::InputFile again(written);
  const Result<SafetensorsFile> reread = LoadSafetensors(again.path());
  QT_ASSERT(reread.ok());
  QT_ASSERT(Written(*reread) == written);
}

}  // namespace
}  // namespace qt::tensors

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  qt::tensors::ReadFile({data, size});
  return 0;
}
