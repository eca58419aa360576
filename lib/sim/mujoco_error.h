// SPDX-License-Identifier: Apache-2.0
// MuJoCo's errors as exceptions: left alone it ends the process for whatever it cannot do. Whoever
// calls what may fail turns them into a Status.
#pragma once

#include <stdexcept>

namespace qt::sim {

class MujocoError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace qt::sim
