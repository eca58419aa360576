// SPDX-License-Identifier: Apache-2.0
#include "eval/stopping.h"

#include <cstdlib>

#include "eval/table.h"

namespace qt::eval {
namespace {

constexpr double kNarrowest = 0.001, kWidest = 0.5;

std::optional<double> ParseNumber(std::string_view text) {
  const std::string number(text);
  char* end = nullptr;
  const double value = std::strtod(number.c_str(), &end);
  if (number.empty() || *end != 0 || value != value) return std::nullopt;
  return value;
}

std::string Quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

}  // namespace

Result<HalfWidth> HalfWidth::Parse(std::string_view text) {
  std::string_view number = text;
  for (const std::string_view sign : {"±", "+-"}) {
    if (text.starts_with(sign)) number = text.substr(sign.size());
  }
  const std::optional<double> width = ParseNumber(number);
  if (width && *width >= kNarrowest && *width <= kWidest) return HalfWidth{*width};
  return Usage("wants half the width of an interval, 0.001 to 0.5, as in 0.02 or ±0.02, not " +
               Quoted(text));
}

std::string HalfWidth::ToString() const { return NumberText(value); }

Result<SprtRates> SprtRates::Parse(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    const std::optional<double> p0 = ParseNumber(text.substr(0, slash));
    const std::optional<double> p1 = ParseNumber(text.substr(slash + 1));
    if (p0 && p1 && 0 < *p0 && *p0 < *p1 && *p1 < 1) return SprtRates{*p0, *p1};
  }
  return Usage("wants two rates P0/P1 with 0 < P0 < P1 < 1, as in 0.8/0.9, not " + Quoted(text));
}

std::string SprtRates::ToString() const { return NumberText(p0) + "/" + NumberText(p1); }

Result<Requirement> Requirement::Parse(std::string_view text) {
  if (text == "better") return Requirement{true, 0};
  const std::optional<double> rate = ParseNumber(text);
  if (rate && *rate >= 0 && *rate <= 1) return Requirement{false, *rate};
  return Usage("wants a rate from 0 to 1, or 'better', not " + Quoted(text));
}

std::string Requirement::ToString() const { return better ? "better" : NumberText(rate); }

Status CheckQuestion(const Question& question) {
  if (question.until && question.sprt) return Usage("give --until or --sprt, not both");
  if (!question.sprt || !question.require) return Ok();
  const auto [p0, p1] = *question.sprt;
  if (question.require->better && p0 < 0.5) {
    return Usage(
        Format("--require better with --sprt needs P0 >= 0.5, not %g: a policy that wins "
               "half of the scenes that tell is no better",
               p0));
  }
  if (!question.require->better && question.require->rate > p0) {
    return Usage(Format("--sprt %g/%g can show a rate above %g, not the %g of --require", p0, p1,
                        p0, question.require->rate));
  }
  return Ok();
}

double WidthOf(const stats::Interval& interval) { return (interval.high - interval.low) / 2; }

Trials TrialsOf(const stats::PairedTable& table) {
  return {table.only_first, table.only_first + table.only_second};
}

stats::Sprt SprtOf(const Question& question) {
  return {question.sprt->p0, question.sprt->p1, 1 - question.confidence};
}

bool IsEnough(const Question& question, uint64_t successes, uint64_t total) {
  if (question.until) {
    return WidthOf(stats::Wilson(successes, total, question.confidence)) <= question.until->value;
  }
  return question.sprt &&
         SprtOf(question).Decide(successes, total) != stats::SprtDecision::kUndecided;
}

}  // namespace qt::eval
