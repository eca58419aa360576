// SPDX-License-Identifier: Apache-2.0
#include "tensors/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <optional>
#include <set>

#include "base/check.h"
#include "base/digest.h"
#include "json/json.h"

namespace qt::tensors {
namespace {

static_assert(std::endian::native == std::endian::little, "the container is little-endian");

constexpr char kMetadataKey[] = "__metadata__";
constexpr uint64_t kPrefixBytes = 8;             // the header's length
constexpr uint64_t kMaxHeaderBytes = 32u << 20;  // before anything is allocated
constexpr size_t kMaxTensors = 4096;
constexpr size_t kMaxKeys = 5 * kMaxTensors;  // of all objects: finding one takes as long as all

uint64_t PayloadBytes(const Tensor& tensor) {
  uint64_t items = 1;
  for (int64_t extent : tensor.shape) {
    QT_CHECK(extent >= 0, "tensor", tensor.name, "extent", extent);
    items *= static_cast<uint64_t>(extent);
  }
  return items * DtypeBytes(tensor.dtype);
}

void CheckTensors(std::span<const Tensor> tensors) {
  std::set<std::string> names;
  for (const Tensor& tensor : tensors) {
    QT_CHECK(tensor.name != kMetadataKey && names.insert(tensor.name).second, "name", tensor.name);
    QT_CHECK(DtypeBytes(tensor.dtype) > 0, "tensor", tensor.name, "dtype", tensor.dtype);
    QT_CHECK(tensor.bytes.size() == PayloadBytes(tensor), "tensor", tensor.name, "bytes",
             tensor.bytes.size());
  }
}

std::vector<const Tensor*> WidestFirst(std::span<const Tensor> tensors) {
  std::vector<const Tensor*> order;
  for (const Tensor& tensor : tensors) order.push_back(&tensor);
  std::stable_sort(order.begin(), order.end(), [](const Tensor* a, const Tensor* b) {
    return DtypeBytes(a->dtype) > DtypeBytes(b->dtype);
  });
  return order;
}

std::string HeaderText(std::span<const Tensor* const> order, const TensorMetadata& metadata) {
  Json header = Json::object();
  if (!metadata.empty()) header[kMetadataKey] = metadata;
  uint64_t offset = 0;
  for (const Tensor* tensor : order) {
    const uint64_t end = offset + tensor->bytes.size();
    header[tensor->name] = {
        {"dtype", tensor->dtype}, {"shape", tensor->shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = json::Dump(header);
  text.append((8 - text.size() % 8) % 8, ' ');
  return text;
}

// One entry of the header, checked.
struct Entry {
  Tensor tensor;  // without bytes
  uint64_t begin = 0, end = 0;
};

struct Header {
  std::vector<Entry> entries;
  TensorMetadata metadata;
};

Status BadTensor(const std::string& name, const std::string& what) {
  return Corrupt("tensor \"" + name + "\": " + what);
}

Result<uint64_t> NumBytes(const Tensor& tensor) {
  uint64_t bytes = DtypeBytes(tensor.dtype);
  for (int64_t extent : tensor.shape) {
    if (extent < 0 || __builtin_mul_overflow(bytes, static_cast<uint64_t>(extent), &bytes)) {
      return BadTensor(tensor.name, "the shape is impossible");
    }
  }
  return bytes;
}

bool IsCount(const Json& value) {
  return value.is_number_unsigned() && value.get<uint64_t>() <= uint64_t{INT64_MAX};
}

bool IsCountArray(const Json& value) {
  return value.is_array() && std::all_of(value.begin(), value.end(), IsCount);
}

Result<Entry> ParseEntry(const std::string& name, const Json& value) {
  if (!value.is_object()) return BadTensor(name, "its entry is no object");
  const auto dtype = value.find("dtype");
  const auto shape = value.find("shape");
  const auto offsets = value.find("data_offsets");
  if (dtype == value.end() || !dtype->is_string()) return BadTensor(name, "dtype is missing");
  if (shape == value.end() || !IsCountArray(*shape)) return BadTensor(name, "shape is missing");
  if (offsets == value.end() || !IsCountArray(*offsets) || offsets->size() != 2) {
    return BadTensor(name, "data_offsets are missing");
  }
  Entry entry{{name, dtype->get<std::string>(), shape->get<std::vector<int64_t>>(), {}},
              (*offsets)[0].get<uint64_t>(),
              (*offsets)[1].get<uint64_t>()};
  if (DtypeBytes(entry.tensor.dtype) == 0) {
    return BadTensor(name, "dtype " + entry.tensor.dtype + " is unknown");
  }
  QT_ASSIGN(const uint64_t bytes, NumBytes(entry.tensor));
  if (entry.end < entry.begin || entry.end - entry.begin != bytes) {
    return BadTensor(name, "data_offsets do not match dtype and shape");
  }
  return entry;
}

std::vector<Entry*> ByOffset(std::vector<Entry>& entries) {
  std::vector<Entry*> order;
  for (Entry& entry : entries) order.push_back(&entry);
  std::sort(order.begin(), order.end(), [](const Entry* a, const Entry* b) {
    return std::pair(a->begin, a->end) < std::pair(b->begin, b->end);
  });
  return order;
}

// The data must be covered exactly once, without holes: nothing can hide in the file.
Status CheckCoverage(std::vector<Entry>& entries, uint64_t data_bytes) {
  uint64_t offset = 0;
  for (const Entry* entry : ByOffset(entries)) {
    if (entry->begin != offset) {
      return BadTensor(entry->tensor.name, "its data leave a hole or overlap");
    }
    offset = entry->end;
  }
  if (offset == data_bytes) return Ok();
  return Corrupt("the header describes " + std::to_string(offset) + " bytes of data, but " +
                 std::to_string(data_bytes) + " follow");
}

Status ParseMetadata(const Json& value, TensorMetadata* metadata) {
  if (!value.is_object()) return Corrupt("__metadata__ is no object");
  for (const auto& [key, text] : value.items()) {
    if (!text.is_string()) return Corrupt("__metadata__ \"" + key + "\" is no string");
    (*metadata)[key] = text.get<std::string>();
  }
  return Ok();
}

Status TooManyTensors() { return Corrupt("the header names too many tensors"); }

struct TooManyKeys {};

// A name that stands twice would let two readers see two different files.
Result<Json> ParseJson(const std::string& text) {
  std::set<std::string> keys;
  std::optional<std::string> repeated;
  size_t num_keys = 0;
  const auto note_key = [&](int depth, Json::parse_event_t event, Json& key) {
    if (event != Json::parse_event_t::key) return true;
    if (++num_keys > kMaxKeys) throw TooManyKeys();
    if (depth == 1 && !keys.insert(key.get<std::string>()).second) {
      repeated = key.get<std::string>();
    }
    return true;
  };
  try {
    Json json = Json::parse(text, note_key);
    if (repeated) return Corrupt("the name \"" + *repeated + "\" stands twice in the header");
    if (json.is_object()) return json;
    return Corrupt("the header is no JSON object");
  } catch (const Json::parse_error& error) {
    const uint64_t column = error.byte > 0 ? error.byte - 1 : 0;
    return Corrupt("the header is no JSON").At("", kPrefixBytes + column);
  } catch (const Json::exception&) {  // a number too large for a double
    return Corrupt("the header holds an impossible number");
  } catch (const TooManyKeys&) {
    return TooManyTensors();
  }
}

Result<Header> ParseHeader(const std::string& text, uint64_t data_bytes) {
  QT_ASSIGN(const Json json, ParseJson(text));
  if (json.size() > kMaxTensors) return TooManyTensors();
  Header header;
  for (const auto& [name, value] : json.items()) {
    if (name == kMetadataKey) {
      QT_TRY(ParseMetadata(value, &header.metadata));
    } else {
      QT_ASSIGN(Entry entry, ParseEntry(name, value));
      header.entries.push_back(std::move(entry));
    }
  }
  QT_TRY(CheckCoverage(header.entries, data_bytes));
  return header;
}

// Reads a file from its first byte to its last.
class HashingReader {
 public:
  explicit HashingReader(const RandomAccessFile& file) : file_(file) {}
  Status Read(std::span<uint8_t> bytes) {
    QT_TRY(file_.ReadAt(offset_bytes_, bytes));
    offset_bytes_ += bytes.size();
    digest_.Update(bytes);
    return Ok();
  }
  std::string Hex() { return digest_.Hex(); }

 private:
  const RandomAccessFile& file_;
  uint64_t offset_bytes_ = 0;
  Sha256 digest_;
};

Result<Header> ReadHeader(const RandomAccessFile& file, uint64_t max_bytes, HashingReader& reader) {
  if (file.size_bytes() < kPrefixBytes)
    return Corrupt("is too short for a safetensors file").At(file.name(), 0);
  std::array<uint8_t, kPrefixBytes> prefix;
  QT_TRY(reader.Read(prefix));
  const uint64_t length = std::bit_cast<uint64_t>(prefix);
  const uint64_t rest = file.size_bytes() - kPrefixBytes;
  if (length > rest || length > kMaxHeaderBytes) {
    return Corrupt("is no safetensors file, or cut short: the header would have " +
                   std::to_string(length) + " bytes")
        .At(file.name(), 0);
  }
  std::string text(length, ' ');
  QT_TRY(reader.Read({reinterpret_cast<uint8_t*>(text.data()), text.size()}));
  Result<Header> header = ParseHeader(text, rest - length);
  if (!header.ok()) return std::move(header).status().At(file.name(), kPrefixBytes);
  if (rest - length > max_bytes) {
    return Corrupt("the header describes " + std::to_string(rest - length) +
                   " bytes of data, more than the " + std::to_string(max_bytes) +
                   " that are allowed here")
        .At(file.name(), kPrefixBytes);
  }
  return header;
}

}  // namespace

size_t DtypeBytes(const std::string& dtype) {
  static const std::map<std::string, size_t> kBytes = {
      {"F64", 8}, {"I64", 8}, {"U64", 8},  {"F32", 4}, {"I32", 4}, {"U32", 4}, {"F16", 2},
      {"I16", 2}, {"U16", 2}, {"BF16", 2}, {"I8", 1},  {"U8", 1},  {"BOOL", 1}};
  const auto found = kBytes.find(dtype);
  return found == kBytes.end() ? 0 : found->second;
}

Status WriteSafetensors(std::span<const Tensor> tensors, const TensorMetadata& metadata,
                        ByteSink& sink) {
  CheckTensors(tensors);
  const std::vector<const Tensor*> order = WidestFirst(tensors);
  const std::string header = HeaderText(order, metadata);
  const auto prefix = std::bit_cast<std::array<uint8_t, kPrefixBytes>>(uint64_t{header.size()});
  QT_TRY(sink.Write(prefix));
  QT_TRY(sink.Write(AsBytes(header)));
  for (const Tensor* tensor : order) QT_TRY(sink.Write(tensor->bytes));
  return Ok();
}

Status SaveSafetensors(const std::string& path, std::span<const Tensor> tensors,
                       const TensorMetadata& metadata, Overwrite overwrite) {
  QT_ASSIGN(const std::unique_ptr<ByteSink> sink, CreateFile(path, overwrite));
  QT_TRY(WriteSafetensors(tensors, metadata, *sink));
  return sink->Commit();
}

Result<SafetensorsFile> LoadSafetensors(const std::string& path, uint64_t max_bytes) {
  QT_ASSIGN(const std::unique_ptr<RandomAccessFile> file, RandomAccessFile::Open(path));
  HashingReader reader(*file);
  QT_ASSIGN(Header header, ReadHeader(*file, max_bytes, reader));
  for (Entry* entry : ByOffset(header.entries)) {
    entry->tensor.bytes.resize(entry->end - entry->begin);
    QT_TRY(reader.Read(entry->tensor.bytes));
  }
  SafetensorsFile result;
  result.metadata = std::move(header.metadata);
  result.sha256 = reader.Hex();
  for (Entry& entry : header.entries) result.tensors.push_back(std::move(entry.tensor));
  return result;
}

Result<std::vector<int64_t>> NumbersIn(const TensorMetadata& metadata, const std::string& key) {
  const auto found = metadata.find(key);
  if (found == metadata.end()) return Corrupt("the metadata lack \"" + key + "\"");
  const char* at = found->second.data();
  const char* const end = at + found->second.size();
  for (std::vector<int64_t> numbers;;) {
    int64_t number = 0;
    const auto [stop, error] = std::from_chars(at, end, number);
    if (error != std::errc() || number < 0 || (stop != end && *stop != ',')) break;
    numbers.push_back(number);
    if (stop == end) return numbers;
    at = stop + 1;
  }
  return Corrupt("the metadata's \"" + key + "\" is '" + found->second + "', not a whole number");
}

Result<int64_t> NumberIn(const TensorMetadata& metadata, const std::string& key) {
  QT_ASSIGN(const std::vector<int64_t> numbers, NumbersIn(metadata, key));
  if (numbers.size() == 1) return numbers[0];
  return Corrupt("the metadata's \"" + key + "\" is not one whole number");
}

}  // namespace qt::tensors
