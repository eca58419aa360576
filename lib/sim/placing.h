// SPDX-License-Identifier: Apache-2.0
// Where there is room in the bin for an object that is dropped in or put somewhere else. Internal
// to lib/sim.
#pragma once

#include <vector>

#include "base/random.h"
#include "sim/cell.h"

namespace qt::sim {

// The lowest height at which object k's bounding ball at (x, y) touches no placed object's.
double FreeHeight_m(const Cell& cell, size_t k, double x_m, double y_m,
                    const std::vector<bool>& placed);

// Puts object k, turned at random, over the lowest of a few random free places.
void DropIn(Cell& cell, size_t k, const std::vector<bool>& placed, RandomStream& rng);

// Its centre of mass is not over the bin, or under the floor.
bool IsOutside(const Cell& cell, size_t k);

}  // namespace qt::sim
