// The rows of an evaluation: policies, disturbances and settings, with the processes and objects
// that they share.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "eval/evaluation.h"
#include "eval/opened_policy.h"
#include "options.h"

namespace qt::eval {

class Arms {
 public:
  // Reads the objects of every setting.
  static Result<Arms> Open(const Options& options);
  // Starts every policy, once for each search. The first arm is the reference of the others: the
  // first POLICY under the first setting. The arms must not outlive this object.
  Result<std::vector<Arm>> Start();

 private:
  Result<const OpenedPolicy*> Opened(const std::string& spec, const std::string& cem);

  std::vector<std::string> specs_;
  std::vector<Varied> rows_;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<OpenedPolicy>> opened_;
};

}  // namespace qt::eval
