// SPDX-License-Identifier: Apache-2.0
#include "eval/opened_policy.h"

#include <utility>

namespace qt::eval {

Result<OpenedPolicy> OpenedPolicy::Open(const std::string& spec,
                                        const std::optional<CemConfig>& cem) {
  OpenedPolicy opened;
  QT_ASSIGN(const policy::PolicySpec parsed, policy::PolicySpec::Parse(spec));
  if (parsed.is_process()) {
    QT_ASSIGN(opened.server_, policy::RemoteServer::Start(parsed, {.cem = cem}));
    const protocol::ServerHello& hello = opened.server_->hello();
    opened.task_ = hello.task;
    opened.image_size_ = {hello.image_width_px, hello.image_height_px};
  } else {
    QT_ASSIGN(opened.built_in_, policy::OpenPolicy(parsed, opened.task_, 0));
  }
  QT_ASSIGN(const std::unique_ptr<Policy> policy, opened.factory()());
  opened.name_ = policy->name();
  opened.digest_ = policy->digest();
  return opened;
}

rollout::PolicyFactory OpenedPolicy::factory() const {
  if (server_) {
    return [server = server_.get()]() -> Result<std::unique_ptr<Policy>> {
      return server->NewPolicy();
    };
  }
  return [source = built_in_.get()] { return source->NewPolicy(); };
}

}  // namespace qt::eval
