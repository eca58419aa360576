// SPDX-License-Identifier: Apache-2.0
// Results as rows of typed cells. What a cell is in JSON and in words is said once, by its type;
// the renderers for JSON, the terminal and a page lay the cells out.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "json/json_fwd.h"
#include "stats/interval.h"
#include "stats/judged_rate.h"
#include "stats/opc.h"

namespace qt::eval {

struct Word {
  std::string json;
  std::string text;  // for people, who may be told more
};
struct Share {
  double value;  // 0.62, "62.0 %"
};
// The success rate of a row: as JSON with its confidence.
struct Success {
  stats::Rate rate;
  double confidence;
};
// How many there are of each kind.
using Counts = std::vector<std::pair<const char*, uint64_t>>;
// A comparison of the row with another one, in the same scenes.
struct Comparison {
  stats::PairedTable table;  // first: the row; second: the other
  stats::PairedChange change;
  double p_value = 1;
  std::optional<double> p_holm;  // for all rows together
};
// An estimate with its interval; with the threshold that it was made at, if it has one.
struct Estimated {
  stats::Estimate estimate;
  std::optional<double> threshold;
};
using JsonCell = std::shared_ptr<const Json>;  // not shown to people

// std::monostate: there is none; its key is left out.
using Cell = std::variant<std::monostate, Word, uint64_t, Share, Success, stats::Rate,
                          stats::TrueRate, stats::Series, Counts, Comparison, Estimated, JsonCell>;

enum Shown : uint8_t { kInJson = 1, kInText = 2, kOnPage = 4, kForPeople = 6, kEverywhere = 7 };

struct Column {
  std::string key;                 // in JSON
  std::vector<std::string> heads;  // for people; a rate has two, the second for its interval
  uint8_t shown = kEverywhere;     // of Shown
};

struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;

  // REQUIRES: there is such a column.
  Column& at(std::string_view key);
  // Puts a column behind another.
  void Move(std::string_view key, std::string_view behind);
};

Json RowToJson(const Table& table, size_t row);
// Two blanks between columns; words and the last column start left, numbers end right.
std::string ToText(const Table& table);
std::string ToHtml(const Table& table);

// [low, high]
Json ToJson(const stats::Interval& interval);
// Size, successes, rate (null if the size is 0) and interval.
Json ToJson(const stats::Rate& rate);
Json ToJson(const Comparison& comparison);

// What snprintf makes of it, cut at 255 characters.
template <typename... Values>
std::string Format(const char* format, Values... values) {
  std::array<char, 256> text;
  std::snprintf(text.data(), text.size(), format, values...);
  return text.data();
}
// "12.5 %"
std::string Percent(double rate);
// "49.0 % to 94.3 %"
std::string Span(const stats::Interval& interval);
// "95 % interval"
std::string IntervalHead(double confidence);

}  // namespace qt::eval
