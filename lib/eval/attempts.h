// SPDX-License-Identifier: Apache-2.0
// The protocols that make attempts: rows (a policy under a setup) in the same scenes, until all
// attempts are made or the answer is clear.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "eval/protocol.h"
#include "eval/report.h"
#include "eval/vary.h"

namespace qt::eval {

// A setup, and what it is called in a table: "--disturb knock --cem 64/6/4", or nothing.
struct NamedSetup {
  std::string name;
  Setup setup;
};

// The setup of an evaluation with some of its flags changed, and named by them. Usage errors: no
// such flag, a wrong value, what does not go together.
Result<NamedSetup> SetupWith(const EvaluationConfig& config, const FlagValues& values);

class AttemptProtocol : public Protocol {
 public:
  Status Check(const EvaluationConfig& config) const override;
  Result<std::unique_ptr<Evaluation>> Open(const EvaluationConfig& config) const override;

  virtual RowsAre rows_are() const { return RowsAre::kNone; }
  // What every policy is tried under, in the order of the rows.
  virtual Result<std::vector<NamedSetup>> Setups(const EvaluationConfig& config) const;
  // How many attempts a row has at most, and how they share bins.
  virtual GraspConfig Attempts(const EvaluationConfig& config) const;
  // What the report says beyond what all of them say.
  virtual void AddTo(const Report&, Json*) const {}
  virtual std::string MoreText(const Report&) const { return ""; }
};

// The settings that keep or compare the attempts of one policy; a table of rows has several.
std::vector<Protocol::Refusal> RefusalsOfTables(const std::string& protocol);

}  // namespace qt::eval
