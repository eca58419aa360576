// SPDX-License-Identifier: Apache-2.0
#include "rlds/rlds_dataset.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <string_view>
#include <system_error>

#include "base/file.h"
#include "base/text.h"

namespace qt::rlds {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMaxDescriptionBytes = 4 << 20;
constexpr uint64_t kMaxShards = 1'000'000;
constexpr std::string_view kSuffix = ".tfrecord";

std::optional<uint64_t> ParseNumber(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = !text.empty() && error == std::errc() && end == text.data() + text.size();
  return whole ? std::optional<uint64_t>(number) : std::nullopt;
}

// "kuka-train.tfrecord-00000-of-01024".
struct ShardName {
  std::string dataset, split;
  uint64_t number = 0, count = 0;
};

std::optional<ShardName> ParseShardName(std::string_view file) {
  const size_t suffix = file.rfind(kSuffix);
  if (suffix == std::string_view::npos) return std::nullopt;
  const std::string_view head = file.substr(0, suffix);
  const std::string_view tail = file.substr(suffix + kSuffix.size());
  const size_t dash = head.rfind('-');
  const size_t of = tail.find("-of-");
  if (dash == std::string_view::npos || of == std::string_view::npos || !tail.starts_with('-')) {
    return std::nullopt;
  }
  const auto number = ParseNumber(tail.substr(1, of - 1));
  const auto count = ParseNumber(tail.substr(of + 4));
  if (!number || !count || *number >= *count || *count > kMaxShards) return std::nullopt;
  return ShardName{std::string(head.substr(0, dash)), std::string(head.substr(dash + 1)), *number,
                   *count};
}

// What the two files of a folder say; empty where they are not there.
struct Description {
  std::shared_ptr<const RldsFeatures> features = std::make_shared<RldsFeatures>();
  RldsInfo info;
};

// nullopt if the file is not there.
Result<std::optional<std::string>> ReadIfThere(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return std::optional<std::string>();
  QT_ASSIGN(std::string text, ReadWholeFile(path, kMaxDescriptionBytes));
  return std::optional<std::string>(std::move(text));
}

Result<Description> Describe(const fs::path& folder) {
  Description description;
  const std::string features_path = folder / "features.json";
  QT_ASSIGN(const auto features_text, ReadIfThere(features_path));
  if (features_text) {
    Result<RldsFeatures> features = ParseRldsFeatures(*features_text);
    if (!features.ok()) return std::move(features).status().At(features_path);
    description.features = std::make_shared<RldsFeatures>(std::move(features).value());
  }
  const std::string info_path = folder / "dataset_info.json";
  QT_ASSIGN(const auto info_text, ReadIfThere(info_path));
  if (!info_text) return description;
  Result<RldsInfo> info = ParseRldsInfo(*info_text);
  if (!info.ok()) return std::move(info).status().At(info_path);
  description.info = std::move(info).value();
  if (!description.info.file_format.empty() && description.info.file_format != "tfrecord") {
    return Failed("the data are stored as " + description.info.file_format +
                  ", and only tfrecord can be read")
        .At(info_path);
  }
  return description;
}

const RldsSplit* FindSplit(const RldsInfo& info, const std::string& name) {
  for (const RldsSplit& split : info.splits) {
    if (split.name == name) return &split;
  }
  return nullptr;
}

std::string VersionOf(const Description& description, const fs::path& folder) {
  if (!description.info.version.empty()) return description.info.version;
  const std::string name = fs::absolute(folder).lexically_normal().filename();
  const bool is_version = std::count(name.begin(), name.end(), '.') == 2 &&
                          name.find_first_not_of("0123456789.") == std::string::npos;
  return is_version ? name : "unknown";
}

RldsShard MakeShard(const fs::path& path, const ShardName& name, const Description& description,
                    const fs::path& folder) {
  RldsShard shard;
  shard.path = path;
  // They become ids of episodes, and names of files may be anything.
  shard.dataset = ValidUtf8(description.info.name.empty() ? name.dataset : description.info.name);
  shard.version = ValidUtf8(VersionOf(description, folder));
  shard.split = ValidUtf8(name.split);
  shard.number = name.number;
  shard.features = description.features;
  const RldsSplit* split = FindSplit(description.info, name.split);
  if (split != nullptr && name.number < split->shard_lengths.size()) {
    shard.num_records = split->shard_lengths[name.number];
  }
  return shard;
}

// "3, 5-8": the numbers below `count` that are selected and not there.
struct Gaps {
  uint64_t num_missing = 0, num_records = 0;
  std::string text;
};

Gaps FindGaps(const std::map<uint64_t, RldsShard>& there, uint64_t count, const RldsSplit* split,
              const NumberSet& selection) {
  Gaps gaps;
  const auto is_gap = [&](uint64_t i) {
    return i < count && selection.Contains(i) && !there.count(i);
  };
  for (uint64_t i = 0; i < count; ++i) {
    if (!is_gap(i)) continue;
    const uint64_t first = i;
    for (; is_gap(i); ++i) {
      ++gaps.num_missing;
      if (split != nullptr && i < split->shard_lengths.size()) {
        gaps.num_records += split->shard_lengths[i];
      }
    }
    if (!gaps.text.empty()) gaps.text += ", ";
    gaps.text += std::to_string(first);
    if (i - first > 1) gaps.text += "-" + std::to_string(i - 1);
  }
  return gaps;
}

// The shards of one split of a folder.
struct FoundSplit {
  uint64_t count = 0;  // as the names or dataset_info.json say
  std::map<uint64_t, RldsShard> shards;
};

Result<std::map<std::string, FoundSplit>> ListFolder(const fs::path& folder,
                                                     const Description& description) {
  std::map<std::string, FoundSplit> splits;
  for (const RldsSplit& split : description.info.splits) {
    splits[split.name].count = split.shard_lengths.size();
  }
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::optional<ShardName> name = ParseShardName(it->path().filename().string());
    if (!name) continue;
    FoundSplit& split = splits[name->split];
    split.count = std::max(split.count, name->count);
    RldsShard shard = MakeShard(it->path(), *name, description, folder);
    shard.named = false;
    split.shards[name->number] = std::move(shard);
  }
  if (error) return Failed("cannot list the folder: " + error.message()).At(folder.string());
  return splits;
}

Status AddFolder(const fs::path& folder, const NumberSet& selection, RldsShards* found) {
  QT_ASSIGN(const Description description, Describe(folder));
  QT_ASSIGN(const auto splits, ListFolder(folder, description));
  size_t num_shards = 0;
  for (const auto& [name, split] : splits) {
    num_shards += split.shards.size();
    const Gaps gaps =
        FindGaps(split.shards, split.count, FindSplit(description.info, name), selection);
    if (gaps.num_missing > 0) {
      const std::string records =
          gaps.num_records > 0 ? " (" + std::to_string(gaps.num_records) + " episode(s))" : "";
      found->missing.push_back(NotFound(std::to_string(gaps.num_missing) + " of " +
                                        std::to_string(split.count) + " shards of split " + name +
                                        " are missing" + records + ": " + gaps.text)
                                   .At(folder.string()));
    }
    for (const auto& [number, shard] : split.shards) {
      if (selection.Contains(number)) found->shards.push_back(shard);
    }
  }
  if (num_shards > 0) return Ok();
  return NotFound(
             "holds no shards (NAME-train.tfrecord-00000-of-01024); name the folder of one "
             "version, "
             "such as kuka/0.1.0")
      .At(folder.string());
}

Status AddFile(const fs::path& path, const NumberSet& selection, RldsShards* found) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const std::optional<ShardName> name = ParseShardName(path.filename().string());
  if (name && !selection.Contains(name->number)) return Ok();
  QT_ASSIGN(const Description description, Describe(folder));
  const ShardName named =
      name.value_or(ShardName{path.stem().string(), "train", found->shards.size(), 0});
  found->shards.push_back(MakeShard(path, named, description, folder));
  if (!name) found->shards.back().num_records.reset();
  return Ok();
}

void AddStdin(RldsShards* found) {
  RldsShard shard;
  shard.path = "-";
  shard.dataset = "kuka";
  shard.version = "unknown";
  shard.split = "train";
  shard.number = found->shards.size();
  shard.features = std::make_shared<RldsFeatures>();
  found->shards.push_back(std::move(shard));
}

}  // namespace

Result<RldsShards> FindRldsShards(const std::vector<std::string>& inputs,
                                  const NumberSet& selection) {
  RldsShards found;
  for (const std::string& input : inputs) {
    std::error_code error;
    if (NamesStdin(input)) {
      AddStdin(&found);
    } else if (fs::is_directory(input, error)) {
      QT_TRY(AddFolder(input, selection, &found));
    } else if (fs::exists(input, error)) {
      QT_TRY(AddFile(input, selection, &found));
    } else {
      return NotFound("no such file or folder").At(input);
    }
  }
  return found;
}

}  // namespace qt::rlds
