// SPDX-License-Identifier: Apache-2.0
#include "data/view_frame.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "image/draw.h"

namespace qt::data {
namespace {

constexpr Rgb kBackground = {24, 26, 30}, kText = {225, 228, 232}, kDim = {150, 156, 164};
constexpr uint64_t kMaxSheetPixels = 100'000'000;
constexpr int kGap_px = 4;

int Even(double length_px) { return std::max(2, 2 * int(std::lround(length_px / 2))); }

std::string Text(const char* format, double value) {
  char text[40];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

// What the action says, in the units that people think in.
std::vector<std::string> DescribeAction(const Action& action) {
  switch (action.Kind()) {
    case ActionKind::kOpen:
      return {"open"};
    case ActionKind::kClose:
      return {"close"};
    case ActionKind::kTerminate:
      return {"terminate"};
    case ActionKind::kMove:
      break;
  }
  std::string move = "move " + Text("%+.0f", 1000 * action.dx_m) + " " +
                     Text("%+.0f", 1000 * action.dy_m) + " " + Text("%+.0f", 1000 * action.dz_m) +
                     " mm";
  const double turn_deg = action.dyaw_rad() * 180 / 3.14159265358979;
  if (std::abs(turn_deg) < 1) return {move};
  return {move, "turn " + Text("%+.0f", turn_deg) + " deg"};
}

std::string Verdict(const Label* label) {
  if (label == nullptr) return "unlabelled";
  return std::string(label->success ? "success" : "failure") + " (" + label->source + ")";
}

Rgb ColourOf(ActionSource source) {
  if (source == ActionSource::kNoise) return kRed;
  return source == ActionSource::kHuman ? kGreen : kYellow;
}

Rgb ColourOf(const Label* label) {
  if (label == nullptr) return kGrey;
  return label->success ? kGreen : kRed;
}

// Fits the picture into the size, in the middle.
RgbImage Fitted(const RgbImage& image, const FrameSize& size) {
  const double scale = std::min(double(size.picture_width_px) / image.width_px,
                                double(size.picture_height_px) / image.height_px);
  const int width_px = std::max(1, int(std::lround(scale * image.width_px)));
  const int height_px = std::max(1, int(std::lround(scale * image.height_px)));
  RgbImage canvas = Canvas(size.width_px(), size.height_px(), kBackground);
  Paste(canvas, Resized(image, width_px, height_px), (size.picture_width_px - width_px) / 2,
        (size.picture_height_px - height_px) / 2);
  return canvas;
}

// An arrow from where the gripper is to where the action sends it.
void DrawMotion(const Step& step, const FrameSize& size, RgbImage* canvas) {
  const CameraModel& camera = step.observation.camera;
  const GripperState& gripper = step.observation.gripper;
  if (!camera.valid() || step.action.Kind() != ActionKind::kMove) return;
  const Vec3 from_m = {gripper.x_m, gripper.y_m, gripper.height_m};
  const Vec3 to_m = from_m + Vec3{step.action.dx_m, step.action.dy_m, step.action.dz_m};
  const Pixel from = camera.Project(from_m), to = camera.Project(to_m);
  if (from.depth_m <= 0 || to.depth_m <= 0) return;
  const double scale = std::min(double(size.picture_width_px) / camera.width_px,
                                double(size.picture_height_px) / camera.height_px);
  const double u0 = (size.picture_width_px - scale * camera.width_px) / 2;
  const double v0 = (size.picture_height_px - scale * camera.height_px) / 2;
  const auto u = [&](const Pixel& p) { return u0 + (p.u_px + 0.5) * scale; };
  const auto v = [&](const Pixel& p) { return v0 + (p.v_px + 0.5) * scale; };
  const int width_px = std::max(1, size.picture_height_px / 130);
  DrawArrow(*canvas, u(from), v(from), u(to), v(to), kBlack, width_px + 2);
  DrawArrow(*canvas, u(from), v(from), u(to), v(to), kYellow, width_px);
}

// Cuts off what would not fit; a character is 0.8 of its height wide.
void PutLine(const std::string& text, int line, const FrameSize& size, const Rgb& colour,
             RgbImage* canvas) {
  const int text_px = size.text_px();
  const auto fits = static_cast<size_t>(size.width_px() / (0.8 * text_px));
  DrawText(*canvas, text.substr(0, fits), text_px / 2,
           size.picture_height_px + (3 * line + 3) * text_px / 2, text_px, colour);
}

// The picture that shows what the episode came to.
const EncodedImage& LastPicture(const Episode& episode) {
  for (const EvidenceFrame& frame : episode.evidence) {
    if (frame.name == "before_drop") return frame.image;
  }
  return episode.steps.back().observation.image;
}

Result<RgbImage> DrawVerdict(const ViewedEpisode& viewed, const FrameSize& size) {
  const Episode& episode = viewed.episode;
  QT_ASSIGN(const RgbImage image, Decode(LastPicture(episode)));
  RgbImage canvas = Fitted(image, size);
  const int line_px = std::max(2, size.picture_height_px / 40);
  DrawRectangle(canvas, 0, 0, size.picture_width_px, size.picture_height_px, ColourOf(viewed.label),
                line_px);
  PutLine(Verdict(viewed.label), 0, size, ColourOf(viewed.label), &canvas);
  PutLine(std::string("ended: ") + ToString(episode.end_reason) + ", " + episode.policy, 1, size,
          kText, &canvas);
  PutLine("#" + std::to_string(viewed.position) + " " + episode.id, 2, size, kDim, &canvas);
  return canvas;
}

}  // namespace

int FrameSize::text_px() const { return std::clamp(picture_width_px / 22, 5, 24); }

FrameSize FrameSizeFor(const Episode& episode, int side_px) {
  const EncodedImage& image = episode.steps.at(0).observation.image;
  const double longer_px = std::max({image.width_px, image.height_px, 1});
  return {Even(side_px * image.width_px / longer_px), Even(side_px * image.height_px / longer_px)};
}

Result<RgbImage> DrawStep(const ViewedEpisode& viewed, size_t index, const FrameSize& size) {
  const Episode& episode = viewed.episode;
  if (index >= episode.steps.size()) return DrawVerdict(viewed, size);
  const Step& step = episode.steps[index];
  QT_ASSIGN(const RgbImage image, Decode(step.observation.image));
  RgbImage canvas = Fitted(image, size);
  DrawMotion(step, size, &canvas);
  FillRectangle(canvas, 0, size.picture_height_px, size.width_px(), 2, ColourOf(viewed.label));
  std::string head = "#" + std::to_string(viewed.position) + " step " + std::to_string(index) +
                     "/" + std::to_string(episode.steps.size());
  if (!std::isnan(step.q_value)) head += " Q" + Text("%.2f", step.q_value);
  PutLine(head, 0, size, kText, &canvas);
  int line = 1;
  for (const std::string& text : DescribeAction(step.action)) {
    PutLine(text, line++, size, ColourOf(step.source), &canvas);
  }
  if (line < 3) PutLine(ToString(step.source), line, size, kDim, &canvas);
  return canvas;
}

std::vector<size_t> StepsOfRow(size_t num_steps, int columns) {
  std::vector<size_t> steps;
  const size_t shown = std::min(num_steps, size_t(columns));
  for (size_t i = 0; i < shown; ++i) {
    steps.push_back(shown < 2 ? 0 : (i * (num_steps - 1) + (shown - 1) / 2) / (shown - 1));
  }
  steps.push_back(num_steps);
  return steps;
}

Status ContactSheet::Add(const ViewedEpisode& viewed) {
  if (viewed.episode.steps.empty()) return Ok();
  const FrameSize size = FrameSizeFor(viewed.episode, side_px_);
  const std::vector<size_t> steps = StepsOfRow(viewed.episode.steps.size(), columns_);
  const int step_px = size.width_px() + kGap_px;
  const uint64_t width_px = std::max<uint64_t>(width_px_, steps.size() * uint64_t(step_px));
  const uint64_t height_px = height_px_ + uint64_t(size.height_px()) + kGap_px;
  if (width_px * height_px > kMaxSheetPixels) {
    return Failed("a sheet of more than " + std::to_string(rows_.size()) +
                  " of these episodes is too large; choose some with --episodes, or a smaller "
                  "--size");
  }
  RgbImage row = Canvas(int(steps.size()) * step_px, size.height_px(), kBackground);
  for (size_t i = 0; i < steps.size(); ++i) {
    QT_ASSIGN(const RgbImage frame, DrawStep(viewed, steps[i], size));
    Paste(row, frame, int(i) * step_px, 0);
  }
  width_px_ = width_px;
  height_px_ = height_px;
  rows_.push_back(std::move(row));
  return Ok();
}

RgbImage ContactSheet::Draw() const {
  RgbImage sheet = Canvas(int(width_px_) + kGap_px, int(height_px_) + kGap_px, kBackground);
  int v_px = kGap_px;
  for (const RgbImage& row : rows_) {
    Paste(sheet, row, kGap_px, v_px);
    v_px += row.height_px + kGap_px;
  }
  return sheet;
}

}  // namespace qt::data
