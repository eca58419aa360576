// SPDX-License-Identifier: Apache-2.0
#include "label/explain.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "image/draw.h"
#include "label/audit.h"

namespace qt::label {
namespace {

constexpr int kSide_px = 320, kGap_px = 8, kLine_px = 20, kText_px = 9;

int HeightOf(const RgbImage& picture) {
  return std::max(1, picture.height_px * kSide_px / picture.width_px);
}

std::string Words(const Verdict& verdict, const std::string& measured) {
  char text[64];
  std::snprintf(text, sizeof text, ": p(success) %.3f  ", verdict.success_probability);
  return verdict.source + text + measured;
}

std::string Decision(const LabelResult& result) {
  char text[96];
  std::snprintf(text, sizeof text, "%s%s, confidence %.3f",
                result.outcome == Outcome::kAbstained ? "no label; else " : "",
                result.label.success ? "SUCCESS" : "FAILURE", double(result.confidence));
  return text;
}

// What each labeller saw, and the lines below it.
struct Shown {
  std::vector<std::vector<RgbImage>> rows;
  std::vector<std::string> lines;
};

// Every labeller shows its pictures, and those whose verdicts count have a line.
Result<Shown> Show(const Episode& episode, const LabelOptions& options, const LabelResult& result) {
  Shown shown{{}, {"episode " + episode.id, Decision(result)}};
  for (const auto& labeller : options.labellers.all()) {
    QT_ASSIGN(std::optional<Explanation> explanation, labeller->Explain(episode));
    if (!explanation) continue;
    if (!explanation->pictures.empty()) shown.rows.push_back(std::move(explanation->pictures));
    for (const Verdict& verdict : result.verdicts) {
      if (verdict.source != labeller->source()) continue;
      shown.lines.push_back(Words(verdict, explanation->words));
    }
  }
  if (const Label* truth = ChooseLabel(episode, kTruthSource)) {
    shown.lines.push_back(std::string("the simulator says: ") +
                          (truth->success ? "success" : "failure"));
  }
  return shown;
}

}  // namespace

Result<RgbImage> Explain(const Episode& episode, const LabelOptions& options,
                         const LabelResult& result) {
  QT_ASSIGN(const Shown shown, Show(episode, options, result));
  int text_v_px = kGap_px;
  for (const auto& row : shown.rows) text_v_px += HeightOf(row[0]) + kGap_px;
  const std::vector<std::string>& lines = shown.lines;
  RgbImage sheet = Canvas(4 * kGap_px + 3 * kSide_px,
                          text_v_px + kGap_px + kLine_px * int(lines.size()), kWhite);
  int v_px = kGap_px;
  for (const auto& row : shown.rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      Paste(sheet, Resized(row[i], kSide_px, HeightOf(row[i])),
            kGap_px + int(i) * (kSide_px + kGap_px), v_px);
    }
    v_px += HeightOf(row[0]) + kGap_px;
  }
  for (size_t i = 0; i < lines.size(); ++i) {
    const Rgb colour = i == 1 ? (result.label.success ? kGreen : kRed) : kBlack;
    DrawText(sheet, lines[i], kGap_px, text_v_px + kLine_px * int(i + 1) - 4, kText_px, colour);
  }
  return sheet;
}

}  // namespace qt::label
