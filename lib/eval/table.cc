// SPDX-License-Identifier: Apache-2.0
#include "eval/table.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "eval/svg_chart.h"
#include "json/json.h"

namespace qt::eval {
namespace {

using Texts = std::vector<std::string>;

std::string SignedPercent(double rate) { return Format("%+.1f %%", 100 * rate); }

// One text for each head of the column.
struct ToTexts {
  Texts operator()(std::monostate) const { return {}; }
  Texts operator()(const Word& word) const { return {word.text}; }
  Texts operator()(uint64_t count) const { return {std::to_string(count)}; }
  Texts operator()(const Share& share) const { return {Percent(share.value)}; }
  Texts operator()(const Success& success) const { return (*this)(success.rate); }
  Texts operator()(const stats::Rate& rate) const {
    if (rate.total == 0) return {};
    return {Percent(rate.rate), Span(rate.interval)};
  }
  Texts operator()(const stats::TrueRate& rate) const {
    return {Percent(rate.rate), Span(rate.interval)};
  }
  Texts operator()(const stats::Series& series) const { return {Format("%.2f", series.mean())}; }
  Texts operator()(const Counts& counts) const {
    std::string text;
    for (const auto& [kind, count] : counts) {
      text += (text.empty() ? "" : ", ") + std::string(kind) + " " + std::to_string(count);
    }
    return {text.empty() ? "-" : text};
  }
  Texts operator()(const Comparison& c) const {
    if (c.table.total() == 0) return {};
    return {SignedPercent(c.change.difference),
            SignedPercent(c.change.interval.low) + " to " + SignedPercent(c.change.interval.high),
            Format("%.2g", c.p_value), Format("%.2g", c.p_holm.value_or(c.p_value))};
  }
  Texts operator()(const Estimated& e) const {
    return {Format("%.4f (%.4f to %.4f)", e.estimate.value, e.estimate.interval.low,
                   e.estimate.interval.high)};
  }
  Texts operator()(const JsonCell&) const { return {}; }
};

struct ToJsonValue {
  Json operator()(std::monostate) const { return nullptr; }
  Json operator()(const Word& word) const { return word.json; }
  Json operator()(uint64_t count) const { return count; }
  Json operator()(const Share& share) const { return share.value; }
  Json operator()(const Success& success) const {
    const stats::Rate& rate = success.rate;
    return {{"rate", rate.total > 0 ? Json(rate.rate) : Json(nullptr)},
            {"interval", ToJson(rate.interval)},
            {"confidence", success.confidence},
            {"count", rate.successes}};
  }
  Json operator()(const stats::Rate& rate) const { return ToJson(rate); }
  Json operator()(const stats::TrueRate& rate) const {
    return {{"rate", rate.rate}, {"interval", ToJson(rate.interval)}};
  }
  Json operator()(const stats::Series& series) const {
    return {{"mean", series.mean()},
            {"stddev", series.stddev()},
            {"min", series.min()},
            {"max", series.max()}};
  }
  Json operator()(const Counts& counts) const {
    Json json = Json::object();
    for (const auto& [kind, count] : counts) json[kind] = count;
    return json;
  }
  Json operator()(const Comparison& comparison) const { return ToJson(comparison); }
  Json operator()(const Estimated& e) const {
    Json json = {{"value", e.estimate.value}, {"interval", ToJson(e.estimate.interval)}};
    if (e.threshold) json["threshold"] = *e.threshold;
    return json;
  }
  Json operator()(const JsonCell& json) const { return *json; }
};

// The columns that people see there; the first row has the heads.
std::vector<Texts> TextsOf(const Table& table, Shown where) {
  std::vector<Texts> lines(table.rows.size() + 1);
  for (size_t c = 0; c < table.columns.size(); ++c) {
    const Column& column = table.columns[c];
    if ((column.shown & where) == 0) continue;
    lines[0].insert(lines[0].end(), column.heads.begin(), column.heads.end());
    for (size_t r = 0; r < table.rows.size(); ++r) {
      Texts texts = std::visit(ToTexts(), table.rows[r][c]);
      for (std::string& text : texts) text = Printable(text);
      texts.resize(column.heads.size(), "-");
      lines[r + 1].insert(lines[r + 1].end(), texts.begin(), texts.end());
    }
  }
  return lines;
}

// Words before the first number.
size_t NumWords(const Table& table) {
  size_t words = 0;
  for (size_t c = 0; c < table.columns.size() && !table.rows.empty(); ++c) {
    if ((table.columns[c].shown & kInText) == 0) continue;
    if (!std::holds_alternative<Word>(table.rows[0][c])) break;
    ++words;
  }
  return words;
}

std::string HtmlRow(const std::string& cell, const Texts& texts) {
  std::string row = "<tr>";
  for (const std::string& text : texts) {
    row += "<" + cell + ">" + Escaped(text) + "</" + cell + ">";
  }
  return row + "</tr>\n";
}

}  // namespace

Column& Table::at(std::string_view key) {
  const auto column = std::ranges::find(columns, key, &Column::key);
  QT_CHECK(column != columns.end(), key);
  return *column;
}

Json RowToJson(const Table& table, size_t row) {
  Json json = Json::object();
  for (size_t c = 0; c < table.columns.size(); ++c) {
    const Cell& cell = table.rows[row][c];
    if ((table.columns[c].shown & kInJson) == 0 || std::holds_alternative<std::monostate>(cell))
      continue;
    json[table.columns[c].key] = std::visit(ToJsonValue(), cell);
  }
  return json;
}

void Table::Move(std::string_view key, std::string_view behind) {
  const auto index = [this](std::string_view k) { return &at(k) - columns.data(); };
  const auto from = index(key), to = index(behind) + 1;
  QT_CHECK(from >= to, from, to);
  std::rotate(columns.begin() + to, columns.begin() + from, columns.begin() + from + 1);
  for (std::vector<Cell>& row : rows) {
    std::rotate(row.begin() + to, row.begin() + from, row.begin() + from + 1);
  }
}

std::string ToText(const Table& table) {
  const std::vector<Texts> lines = TextsOf(table, kInText);
  std::vector<size_t> widths(lines[0].size());
  for (const Texts& line : lines) {
    for (size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  const size_t num_words = NumWords(table);
  std::string text;
  for (const Texts& line : lines) {
    for (size_t i = 0; i < line.size(); ++i) {
      const bool last = i + 1 == line.size();
      const std::string padding(widths[i] - line[i].size(), ' ');
      text += i < num_words ? line[i] + padding : last ? line[i] : padding + line[i];
      if (!last) text += "  ";
    }
    text += '\n';
  }
  return text;
}

std::string ToHtml(const Table& table) {
  const std::vector<Texts> lines = TextsOf(table, kOnPage);
  std::string html = "<div class=\"wide\"><table>\n" + HtmlRow("th", lines[0]);
  for (size_t i = 1; i < lines.size(); ++i) html += HtmlRow("td", lines[i]);
  return html + "</table></div>\n";
}

Json ToJson(const stats::Interval& interval) { return Json::array({interval.low, interval.high}); }

Json ToJson(const stats::Rate& rate) {
  return {{"episodes", rate.total},
          {"successes", rate.successes},
          {"rate", rate.total > 0 ? Json(rate.rate) : Json(nullptr)},
          {"interval", ToJson(rate.interval)}};
}

Json ToJson(const Comparison& c) {
  Json json = {{"episodes", c.table.total()},
               {"both", c.table.both},
               {"only_first", c.table.only_first},
               {"only_second", c.table.only_second},
               {"neither", c.table.neither},
               {"difference", c.change.difference},
               {"difference_interval", ToJson(c.change.interval)},
               {"p_value", c.p_value}};
  if (c.p_holm) json["p_holm"] = *c.p_holm;
  return json;
}

std::string Percent(double rate) { return Format("%.1f %%", 100 * rate); }

std::string Span(const stats::Interval& interval) {
  return Percent(interval.low) + " to " + Percent(interval.high);
}

std::string IntervalHead(double confidence) { return Format("%g %% interval", 100 * confidence); }

}  // namespace qt::eval
