// SPDX-License-Identifier: Apache-2.0
// Changes how a picture looks, but not what it shows: colours, light, sharpness, noise. OpenCV
// behind it.
#pragma once

#include "base/random.h"
#include "image/image.h"

namespace qt {

// As of a lens out of focus: a Gaussian of this standard deviation.
void Blur(double sigma_px, RgbImage& image);
// Turns all colours about the grey axis; greys stay as they are.
void TurnHues(double angle_rad, RgbImage& image);

// Each of these with even odds, by amounts drawn from `rng`: all hues turned, each channel brighter
// or darker, a smooth coloured pattern laid over everything, blur, noise. image_HWC: three floats a
// pixel in [-0.5, 0.5], which stay there. Only the looks change, so that what is true of the scene
// stays true (Hansen et al. 2021, arXiv 2107.00644, section 4: targets come from undisturbed
// pictures).
void Disturb(int width_px, int height_px, RandomStream& rng, float* image_HWC);

}  // namespace qt
