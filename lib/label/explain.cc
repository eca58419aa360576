#include "label/explain.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>

#include "image/draw.h"
#include "label/audit.h"

namespace qt::label {
namespace {

constexpr int kSide_px = 320, kGap_px = 8, kLine_px = 20, kText_px = 9;

int HeightOf(const RgbImage& picture) {
  return std::max(1, picture.height_px * kSide_px / picture.width_px);
}

// The later frame in grey, with what counts in colour.
RgbImage ChangePicture(const Analysis& analysis) {
  RgbImage picture = analysis.after;
  for (size_t i = 0; i < analysis.mark_HW.size(); ++i) {
    uint8_t* rgb = &picture.rgb_HWC[3 * i];
    const auto grey = uint8_t((rgb[0] + rgb[1] + rgb[2]) / 6);
    std::fill(rgb, rgb + 3, grey);
    if (analysis.mark_HW[i] == Mark::kAppeared) rgb[1] = 255;
    if (analysis.mark_HW[i] == Mark::kVanished) rgb[0] = 255;
  }
  return picture;
}

std::string Verdicts(const Verdict& verdict) {
  char text[200];
  const Json& d = verdict.details;
  int length = std::snprintf(text, sizeof text, "%s: p(success) %.3f", verdict.source.c_str(),
                             verdict.success_probability);
  if (d.contains("appeared")) {
    std::snprintf(text + length, sizeof text - size_t(length),
                  "  appeared %.2f %% vanished %.2f %% (edge %.2f)  new colours %.2f gone %.2f  "
                  "noise %.1f  moved %.1f %.1f px",
                  d["appeared"].get<double>(), d["vanished"].get<double>(),
                  d["min_change"].get<double>(), d["appeared_colours"].get<double>(),
                  d["vanished_colours"].get<double>(), d["noise"].get<double>(),
                  d["shift"][0].get<double>(), d["shift"][1].get<double>());
  } else if (d.contains("opening_m")) {
    std::snprintf(text + length, sizeof text - size_t(length), "  %s, %.1f mm apart, %.0f mm up",
                  d["closed"].get<bool>() ? "closed" : "open", 1000 * d["opening_m"].get<double>(),
                  1000 * d["height_m"].get<double>());
  }
  return text;
}

std::string Decision(const LabelResult& result) {
  char text[96];
  std::snprintf(text, sizeof text, "%s%s, confidence %.3f",
                result.outcome == Outcome::kAbstained ? "no label; else " : "",
                result.label.success ? "SUCCESS" : "FAILURE", double(result.confidence));
  return text;
}

std::vector<std::string> Lines(const Episode& episode, const LabelResult& result) {
  std::vector<std::string> lines = {"episode " + episode.id, Decision(result)};
  for (const Verdict& verdict : result.verdicts) lines.push_back(Verdicts(verdict));
  if (const Label* truth = ChooseLabel(episode, kTruthSource)) {
    lines.push_back(std::string("the simulator says: ") + (truth->success ? "success" : "failure"));
  }
  return lines;
}

}  // namespace

Result<RgbImage> Explain(const Episode& episode, const LabelOptions& options,
                         const LabelResult& result) {
  std::vector<RgbImage> pictures;
  QT_ASSIGN(const std::optional<Analysis> analysis, AnalyseEvidence(episode, options.image_diff));
  if (analysis) pictures = {analysis->before, analysis->after, ChangePicture(*analysis)};
  const int picture_height_px = pictures.empty() ? 0 : HeightOf(pictures[0]);
  const std::vector<std::string> lines = Lines(episode, result);
  RgbImage sheet = Canvas(4 * kGap_px + 3 * kSide_px,
                          2 * kGap_px + picture_height_px + kLine_px * int(lines.size()), kWhite);
  for (size_t i = 0; i < pictures.size(); ++i) {
    Paste(sheet, Resized(pictures[i], kSide_px, picture_height_px),
          kGap_px + int(i) * (kSide_px + kGap_px), kGap_px);
  }
  for (size_t i = 0; i < lines.size(); ++i) {
    const Rgb colour = i == 1 ? (result.label.success ? kGreen : kRed) : kBlack;
    DrawText(sheet, lines[i], kGap_px, picture_height_px + kGap_px + kLine_px * int(i + 1) - 4,
             kText_px, colour);
  }
  return sheet;
}

}  // namespace qt::label
