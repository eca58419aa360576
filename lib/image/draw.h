// SPDX-License-Identifier: Apache-2.0
// Drawing on pictures that people look at: contact sheets, explanations, videos. Own code, since
// loading OpenCV would take every command of qt-data longer than all the rest of its start.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "image/image.h"

namespace qt {

using Rgb = std::array<uint8_t, kRgbChannels>;
inline constexpr Rgb kWhite = {255, 255, 255}, kBlack = {0, 0, 0}, kGrey = {128, 128, 128},
                     kRed = {220, 50, 40}, kGreen = {40, 170, 60}, kYellow = {240, 200, 40};

RgbImage Canvas(int width_px, int height_px, const Rgb& colour);

// Enlarges by repeating pixels, so that those of a small picture stay visible; shrinks by their
// mean. REQUIRES: sizes > 0.
RgbImage Resized(const RgbImage& image, int width_px, int height_px);

// Copies `image` so that its upper left corner is at (u, v); what sticks out is cut off.
void Paste(RgbImage& canvas, const RgbImage& image, int u_px, int v_px);

// All of these cut off what lies outside. (u, v) of a text is its lower left corner; a capital
// letter is height_px high, and each character takes kTextAdvance of that.
inline constexpr double kTextAdvance = 0.8;
void DrawText(RgbImage& canvas, const std::string& text, int u_px, int v_px, int height_px,
              const Rgb& colour);
void DrawLine(RgbImage& canvas, double u0_px, double v0_px, double u1_px, double v1_px,
              const Rgb& colour, int width_px = 1);
void DrawArrow(RgbImage& canvas, double u0_px, double v0_px, double u1_px, double v1_px,
               const Rgb& colour, int width_px = 1);
void FillRectangle(RgbImage& canvas, int u_px, int v_px, int width_px, int height_px,
                   const Rgb& colour);
void DrawRectangle(RgbImage& canvas, int u_px, int v_px, int width_px, int height_px,
                   const Rgb& colour, int line_px = 1);

}  // namespace qt
