// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <variant>

#include "base/check.h"
#include "label/labeller.h"

namespace qt::label {

// A line a labeller: each is defined in a file of its own, as New<name>.
#define QT_LABELLERS(X) \
  X(ImageDiff)          \
  X(GripperView)        \
  X(Opening)

#define QT_DECLARE(name) std::unique_ptr<Labeller> New##name();
QT_LABELLERS(QT_DECLARE)
#undef QT_DECLARE

Labellers::Labellers() {
#define QT_ADD(name) all_.push_back(New##name());
  QT_LABELLERS(QT_ADD)
#undef QT_ADD
}

Labellers::Labellers(const Labellers& other) {
  for (const auto& labeller : other.all_) all_.push_back(labeller->Clone());
}

std::vector<std::string> Labellers::names() const {
  std::vector<std::string> names;
  for (const auto& labeller : all_) names.emplace_back(labeller->name());
  return names;
}

const Labeller* Labellers::Find(std::string_view name) const {
  const auto found = std::find_if(all_.begin(), all_.end(),
                                  [&](const auto& labeller) { return labeller->name() == name; });
  return found == all_.end() ? nullptr : found->get();
}

double& Labellers::Number(std::string_view setting) {
  for (const auto& labeller : all_) {
    const std::vector<Field> fields = labeller->settings();
    const Field* field = FindField(fields, setting);
    if (field != nullptr) return *std::get<double*>(field->target);
  }
  ThrowContract(__FILE__, __LINE__, "a labeller that has the setting", setting);
}

}  // namespace qt::label
