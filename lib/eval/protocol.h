// SPDX-License-Identifier: Apache-2.0
// A protocol is a way to judge policies. It knows its name, its own settings, which of the common
// settings it refuses, and how to make an evaluation. Each protocol is a file of its own and an
// entry in the table of protocol.cc.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/setting.h"
#include "base/status.h"
#include "eval/evaluation.h"

namespace qt::eval {

class Protocol {
 public:
  virtual ~Protocol() = default;
  virtual std::string name() const = 0;
  virtual const char* help() const = 0;  // what it does, as a part of a sentence
  // Its own settings, and what to say when one of them is given with another protocol.
  virtual std::vector<Field> fields() { return {}; }
  virtual const char* elsewhere() const { return ""; }

  // A setting that does not go with it, and the sentence to say so.
  struct Refusal {
    std::string setting, why;
  };
  virtual std::vector<Refusal> refusals() const = 0;
  // Anything else that it cannot do: kUsage.
  virtual Status Check(const EvaluationConfig& config) const = 0;
  virtual Result<std::unique_ptr<Evaluation>> Open(const EvaluationConfig& config) const = 0;
};

// One protocol of each kind, and which of them is chosen: the setting --protocol.
class Protocols {
 public:
  Protocols();
  const Protocol& chosen() const { return *all_[chosen_]; }
  const std::vector<std::unique_ptr<Protocol>>& all() const { return all_; }
  Field choice();  // REQUIRES: this object outlives it
  // `given`: the names of all other settings that are not at their default.
  Status Check(const EvaluationConfig& config, const std::vector<std::string>& given) const;

 private:
  class Choice;
  std::vector<std::unique_ptr<Protocol>> all_;
  size_t chosen_ = 0;
  std::string help_;
};

}  // namespace qt::eval
