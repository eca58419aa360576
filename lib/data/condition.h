// SPDX-License-Identifier: Apache-2.0
// Conditions on episodes, as `--where` of qt-data takes them: "steps>5 && policy=model*". Parsed
// before any file is opened. What is not known meets no comparison.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "mdp/episode.h"

namespace qt::data {

class Condition {
 public:
  // Comparisons `FIELD OP VALUE`, joined by && or commas; all must hold. OP is one of = == != < <=
  // > >=. A text field knows = and != only, against a pattern with * and ?. A value is a word, a
  // number, or anything in quotes. The empty text always holds. Errors say what is wrong and at
  // which column.
  static Result<Condition> Parse(std::string_view text);
  const std::string& ToString() const { return text_; }

  // `label` is the label that counts, or nullptr. A value that is not known (no label, no Q value)
  // meets no comparison.
  bool Holds(const Episode& episode, const Label* label) const;

  // One comparison.
  class Term {
   public:
    virtual ~Term() = default;
    virtual bool Holds(const Episode& episode, const Label* label) const = 0;
  };

 private:
  std::string text_;
  std::vector<std::shared_ptr<const Term>> terms_;
};

// The fields, for the man page's check and for error messages: "steps, return, ...".
std::string ConditionFields();

}  // namespace qt::data
