#include "eval/stopping.h"

#include <cstdlib>

namespace qt::eval {
namespace {

constexpr double kNarrowest = 0.001, kWidest = 0.5;

std::optional<double> ParseNumber(const std::string& text) {
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != 0 || number != number) return std::nullopt;
  return number;
}

}  // namespace

Result<double> ParseUntil(const std::string& text) {
  std::string number = text;
  for (const char* sign : {"±", "+-"}) {
    if (text.starts_with(sign)) number = text.substr(std::string(sign).size());
  }
  const std::optional<double> width = ParseNumber(number);
  if (width && *width >= kNarrowest && *width <= kWidest) return *width;
  return Usage(
      "--until wants half the width of an interval, 0.001 to 0.5, as in 0.02 or ±0.02, "
      "not '" +
      text + "'");
}

Result<SprtRates> ParseSprt(const std::string& text) {
  const size_t slash = text.find('/');
  if (slash != std::string::npos) {
    const std::optional<double> p0 = ParseNumber(text.substr(0, slash));
    const std::optional<double> p1 = ParseNumber(text.substr(slash + 1));
    if (p0 && p1 && 0 < *p0 && *p0 < *p1 && *p1 < 1) return SprtRates{*p0, *p1};
  }
  return Usage("--sprt wants two rates P0/P1 with 0 < P0 < P1 < 1, as in 0.8/0.9, not '" + text +
               "'");
}

double HalfWidth(const stats::Interval& interval) { return (interval.high - interval.low) / 2; }

Trials TrialsOf(const stats::PairedTable& table) {
  return {table.only_first, table.only_first + table.only_second};
}

stats::SprtDecision DecideSprt(const StoppingRule& rule, const Trials& trials) {
  return stats::Sprt(rule.sprt->p0, rule.sprt->p1, 1 - rule.confidence)
      .Decide(trials.successes, trials.total);
}

bool IsEnough(const StoppingRule& rule, uint64_t successes, uint64_t total) {
  if (rule.half_width) {
    return HalfWidth(stats::Wilson(successes, total, rule.confidence)) <= *rule.half_width;
  }
  return rule.sprt && DecideSprt(rule, {successes, total}) != stats::SprtDecision::kUndecided;
}

}  // namespace qt::eval
