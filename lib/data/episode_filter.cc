#include "data/episode_filter.h"

#include <fnmatch.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace qt::data {
namespace {

bool MatchesName(const std::string& name, const std::string& wanted) {
  if (wanted.find_first_of("*?[") == std::string::npos) return name.starts_with(wanted);
  return ::fnmatch(wanted.c_str(), name.c_str(), 0) == 0;
}

// Reads a number at `position` and moves behind it; false if there is none.
bool ReadNumber(const std::string& text, size_t* position, uint64_t* number) {
  const auto [end, error] =
      std::from_chars(text.data() + *position, text.data() + text.size(), *number);
  *position = static_cast<size_t>(end - text.data());
  return error == std::errc();
}

Status PositionError(const std::string& text, size_t position) {
  return Usage("--episodes takes numbers and ranges such as 3,7-9, not '" + text + "' (at column " +
               std::to_string(position + 1) + ")");
}

}  // namespace

Result<PositionSet> PositionSet::Parse(const std::string& text) {
  PositionSet set;
  for (size_t at = 0; !text.empty();) {
    const size_t start = at;
    Range range = {};
    if (!ReadNumber(text, &at, &range.first)) return PositionError(text, start);
    range.last = range.first;
    if (at < text.size() && text[at] == '-') {
      ++at;
      const bool open = at == text.size() || text[at] == ',';
      range.last = UINT64_MAX;
      if (!open && !ReadNumber(text, &at, &range.last)) return PositionError(text, at);
    }
    if (range.last < range.first) return PositionError(text, start);
    set.ranges_.push_back(range);
    if (at == text.size()) break;
    if (text[at] != ',') return PositionError(text, at);
    ++at;
  }
  return set;
}

bool PositionSet::Contains(uint64_t position) const {
  return all() || std::any_of(ranges_.begin(), ranges_.end(), [&](const Range& range) {
           return range.first <= position && position <= range.last;
         });
}

bool PositionSet::EndsBefore(uint64_t position) const {
  return !all() && std::all_of(ranges_.begin(), ranges_.end(),
                               [&](const Range& range) { return range.last < position; });
}

Result<EpisodeFilter> EpisodeFilter::Make(FilterOptions options) {
  EpisodeFilter filter;
  if (options.success && options.failure) {
    return Usage("--success and --failure exclude each other; without them both count");
  }
  Result<Condition> condition = Condition::Parse(options.where);
  if (!condition.ok()) return Usage("--where: " + condition.status().message());
  filter.condition_ = std::move(condition).value();
  QT_ASSIGN(filter.positions_, PositionSet::Parse(options.episodes));
  filter.options_ = std::move(options);
  return filter;
}

bool EpisodeFilter::Selects() const {
  return options_.success || options_.failure || !options_.policy.empty() ||
         !options_.where.empty() || !positions_.all();
}

bool EpisodeFilter::Matches(const Episode& episode, uint64_t position) const {
  if (!positions_.Contains(position)) return false;
  const Label* label = LabelOf(episode);
  if (options_.success && (label == nullptr || !label->success)) return false;
  if (options_.failure && (label == nullptr || label->success)) return false;
  if (!options_.policy.empty() && !MatchesName(episode.policy, options_.policy)) return false;
  return condition_.Holds(episode, label);
}

}  // namespace qt::data
