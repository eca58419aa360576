// SPDX-License-Identifier: Apache-2.0
// The safetensors container (formats/model/SPEC.md): named arrays and a map of strings, without any
// code in it. What is read is checked before it is believed. Knows no LibTorch.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/status.h"

namespace qt::tensors {

// Row-major, little-endian. dtype is one of the container's names: "F64", "F32", "I64", "U64",
// "I32", "U32", "F16", "BF16", "I16", "U16", "I8", "U8", "BOOL". A scalar has an empty shape.
struct Tensor {
  std::string name;
  std::string dtype;
  std::vector<int64_t> shape;
  Bytes bytes;
};

using TensorMetadata = std::map<std::string, std::string>;

struct SafetensorsFile {
  std::vector<Tensor> tensors;  // in the order of the header
  TensorMetadata metadata;
  std::string sha256;  // of the whole file, in lower-case hex
};

// Bytes of one item; 0 for an unknown dtype.
size_t DtypeBytes(const std::string& dtype);

// Writes the container; does not commit the sink. The same input gives the same bytes. The data of
// wide items comes first, so that every tensor is aligned to its item size.
// REQUIRES: names unique and not "__metadata__"; bytes.size() == items * DtypeBytes(dtype).
Status WriteSafetensors(std::span<const Tensor> tensors, const TensorMetadata& metadata,
                        ByteSink& sink);
// Writes a file that appears complete or not at all.
Status SaveSafetensors(const std::string& path, std::span<const Tensor> tensors,
                       const TensorMetadata& metadata, Overwrite overwrite);

inline constexpr uint64_t kMaxSafetensorsBytes = uint64_t{1} << 30;

// Checks the header before it allocates or reads the data, of which there may be `max_bytes`.
// Each byte is read once, so that sha256 is that of the tensors whatever happens to the name
// meanwhile. Errors are Code::kCorrupt with path and offset, or those of reading.
Result<SafetensorsFile> LoadSafetensors(const std::string& path,
                                        uint64_t max_bytes = kMaxSafetensorsBytes);

// The decimal number, or the numbers between commas, under a key; each is at least 0. Fails on
// anything else that stands there, and if there is nothing.
Result<int64_t> NumberIn(const TensorMetadata& metadata, const std::string& key);
Result<std::vector<int64_t>> NumbersIn(const TensorMetadata& metadata, const std::string& key);

}  // namespace qt::tensors
