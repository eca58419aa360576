// The safetensors container (formats/model/SPEC.md): named arrays and a map of strings, without any
// code in it. Knows no LibTorch.
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

// Checks everything before it allocates; errors are Code::kCorrupt with path and offset.
Result<SafetensorsFile> LoadSafetensors(const std::string& path);
// The metadata alone, without reading the data.
Result<TensorMetadata> LoadSafetensorsMetadata(const std::string& path);

}  // namespace qt::tensors
