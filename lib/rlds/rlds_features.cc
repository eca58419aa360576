// SPDX-License-Identifier: Apache-2.0
#include "rlds/rlds_features.h"

#include <charconv>
#include <optional>

#include "json/bounded_json.h"
#include "json/json.h"

namespace qt::rlds {
namespace {

constexpr int kMaxDepth = 16;
constexpr size_t kMaxShardsOfSplit = 1'000'000;
constexpr size_t kMaxSplits = 1'000, kMaxPath = 1'000;

Result<Json> ParseObject(const std::string& text) {
  QT_ASSIGN(Json json, json::Parse(text));
  if (!json.is_object()) return Corrupt("is no JSON object");
  return json;
}

const Json* Find(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

std::string Text(const Json& object, const char* key) {
  const Json* value = Find(object, key);
  return value != nullptr && value->is_string() ? value->get<std::string>() : "";
}

// Protocol buffers in JSON write 64-bit numbers as strings; people write numbers.
std::optional<uint64_t> Count(const Json& value) {
  if (value.is_number_unsigned()) return value.get<uint64_t>();
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole ? std::optional<uint64_t>(count) : std::nullopt;
}

Status AddTensor(const std::string& path, const Json& tensor, RldsFeatures* features) {
  RldsField field;
  field.dtype = Text(tensor, "dtype");
  const std::string encoding = Text(tensor, "encoding");
  if (encoding == "zlib") {
    field.encoding = RldsEncoding::kZlib;
  } else if (encoding == "bytes") {
    field.encoding = RldsEncoding::kBytes;
  } else if (!encoding.empty() && encoding != "none") {
    return Corrupt("field \"" + path + "\" has the unknown encoding \"" + encoding + "\"");
  }
  (*features)[path] = field;
  return Ok();
}

// Rows, columns, channels; a size that is not fixed is null or missing.
RldsField ImageField(const Json& image) {
  RldsField field;
  const Json* shape = Find(image, "shape");
  const Json* sides = shape == nullptr ? nullptr : Find(*shape, "dimensions");
  if (sides == nullptr || !sides->is_array() || sides->size() < 2) return field;
  const auto side = [](const Json& value) {
    const uint64_t pixels = Count(value).value_or(0);
    return pixels <= 65'535 ? static_cast<int>(pixels) : 0;
  };
  field.height_px = side((*sides)[0]);
  field.width_px = side((*sides)[1]);
  return field;
}

// A node is a dictionary of nodes, a sequence of one, or a leaf.
Status AddNode(const std::string& path, const Json& node, int depth, RldsFeatures* features) {
  if (depth > kMaxDepth) return Corrupt("the fields are nested too deeply");
  if (path.size() > kMaxPath) return Corrupt("a field's name is too long");
  if (const Json* tensor = Find(node, "tensor")) return AddTensor(path, *tensor, features);
  if (const Json* image = Find(node, "image")) {
    (*features)[path] = ImageField(*image);
    return Ok();
  }
  if (const Json* sequence = Find(node, "sequence")) {
    const Json* item = Find(*sequence, "feature");
    return item == nullptr ? Ok() : AddNode(path, *item, depth + 1, features);
  }
  const Json* dictionary = Find(node, "featuresDict");
  if (dictionary == nullptr) {
    (*features)[path] = {};
    return Ok();
  }
  const Json* items = Find(*dictionary, "features");
  if (items == nullptr || !items->is_object()) return Ok();
  for (const auto& [name, item] : items->items()) {
    QT_TRY(AddNode(path.empty() ? name : path + "/" + name, item, depth + 1, features));
  }
  return Ok();
}

Result<RldsSplit> ParseSplit(const Json& json) {
  RldsSplit split;
  split.name = Text(json, "name");
  if (split.name.empty()) return Corrupt("a split has no name");
  const Json* lengths = Find(json, "shardLengths");
  if (lengths == nullptr || !lengths->is_array()) return split;
  if (lengths->size() > kMaxShardsOfSplit)
    return Corrupt("split " + split.name + " has too many shards");
  for (const Json& length : *lengths) {
    const std::optional<uint64_t> count = Count(length);
    if (!count) return Corrupt("a shard length of split " + split.name + " is no number");
    split.shard_lengths.push_back(*count);
  }
  return split;
}

}  // namespace

Result<RldsFeatures> ParseRldsFeatures(const std::string& json) {
  QT_ASSIGN(const Json root, ParseObject(json));
  RldsFeatures features;
  QT_TRY(AddNode("", root, 0, &features));
  return features;
}

Result<RldsInfo> ParseRldsInfo(const std::string& json) {
  QT_ASSIGN(const Json root, ParseObject(json));
  RldsInfo info{Text(root, "name"), Text(root, "version"), Text(root, "fileFormat"), {}};
  const Json* splits = Find(root, "splits");
  if (splits == nullptr || !splits->is_array()) return info;
  if (splits->size() > kMaxSplits) return Corrupt("has more splits than can be");
  for (const Json& item : *splits) {
    QT_ASSIGN(RldsSplit split, ParseSplit(item));
    info.splits.push_back(std::move(split));
  }
  return info;
}

}  // namespace qt::rlds
