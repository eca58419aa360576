// SPDX-License-Identifier: Apache-2.0
// The protocol `grasp` (paper section 6.1): a policy's single attempts, or two policies' in the
// same scenes.
#include "eval/attempts.h"

namespace qt::eval {
namespace {

class GraspProtocol : public AttemptProtocol {
 public:
  std::string name() const override { return "grasp"; }
  const char* help() const override { return "single attempts, each in a fresh bin"; }
  std::vector<Refusal> refusals() const override { return {}; }
};

}  // namespace

std::unique_ptr<Protocol> NewGraspProtocol() { return std::make_unique<GraspProtocol>(); }

}  // namespace qt::eval
