// SPDX-License-Identifier: Apache-2.0
#include "serve/metrics.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "base/check.h"
#include "base/text.h"

namespace qt::serve {
namespace {

using protocol::WireErrorCode;

constexpr std::array kCodes = {
    WireErrorCode::kBadFrame, WireErrorCode::kBadRequest,  WireErrorCode::kUnsupportedProtocol,
    WireErrorCode::kBadImage, WireErrorCode::kNeedsCamera, WireErrorCode::kTooManySessions,
    WireErrorCode::kBusy,     WireErrorCode::kDeadline,    WireErrorCode::kInternal};

std::string Number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

std::string Head(const std::string& name, const std::string& type, const std::string& help) {
  return "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
}

std::string Line(const std::string& name, const std::string& labels, double value) {
  return name + (labels.empty() ? "" : "{" + labels + "}") + " " + Number(value) + "\n";
}

// A label's value: whatever a file may be called.
std::string Label(const std::string& key, const std::string& value) {
  std::string text = key + "=\"";
  for (char c : ValidUtf8(value)) {
    if (c == '\\' || c == '"' || c == '\n') text += '\\';
    text += c == '\n' ? 'n' : c;
  }
  return text + "\"";
}

double ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  double size = 0, resident = 0;
  file >> size >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

std::string ModelText(const Gauges& gauges) {
  const protocol::ServerHello& hello = gauges.hello;
  return Head("qt_ready", "gauge", "1 while requests are taken") +
         Line("qt_ready", "", gauges.ready ? 1 : 0) +
         Head("qt_model_info", "gauge", "the checkpoint that answers") +
         Line("qt_model_info",
              Label("name", hello.model_name) + "," + Label("digest", hello.digest), 1) +
         Head("qt_model_step", "gauge", "gradient steps of that checkpoint") +
         Line("qt_model_step", "", static_cast<double>(hello.model_step)) +
         Head("qt_queue_length", "gauge", "requests that wait for a thread") +
         Line("qt_queue_length", "", static_cast<double>(gauges.num_waiting)) +
         Head("process_resident_memory_bytes", "gauge", "resident memory") +
         Line("process_resident_memory_bytes", "", ResidentBytes());
}

}  // namespace

void Histogram::Add(double seconds) {
  const auto bound = std::lower_bound(kBounds_s.begin(), kBounds_s.end(), seconds);
  ++counts_[static_cast<size_t>(bound - kBounds_s.begin())];
  sum_us_ += static_cast<uint64_t>(std::max(0.0, seconds) * 1e6);
}

std::string Histogram::Text(const std::string& name, const std::string& help) const {
  std::string text = Head(name, "histogram", help);
  uint64_t total = 0;
  for (size_t i = 0; i < counts_.size(); ++i) {
    total += counts_[i];
    const std::string bound = i < kBounds_s.size() ? Number(kBounds_s[i]) : "+Inf";
    text += Line(name + "_bucket", Label("le", bound), static_cast<double>(total));
  }
  return text + Line(name + "_sum", "", static_cast<double>(sum_us_) * 1e-6) +
         Line(name + "_count", "", static_cast<double>(total));
}

void Metrics::Count(const Outcome& outcome, double seconds) {
  total_.Add(seconds);
  if (const auto* error = std::get_if<protocol::WireError>(&outcome)) {
    return CountRefusal(error->code);
  }
  const auto& answer = std::get<protocol::ActAnswer>(outcome);
  ++answers_;
  wait_.Add(answer.wait_ms.value_or(0) / 1e3);
  compute_.Add(answer.compute_ms / 1e3);
}

void Metrics::CountRefusal(WireErrorCode code) {
  static_assert(kCodes.size() <= kNumCodes);
  ++refusals_.at(static_cast<size_t>(code));
}

void Metrics::AddClients(const char* transport, int change) {
  (std::string(transport) == kUnixTransport ? unix_clients_ : http_clients_) += change;
}

uint64_t Metrics::num_refusals() const {
  uint64_t total = 0;
  for (const auto& count : refusals_) total += count;
  return total;
}

std::string Metrics::Text(const Gauges& gauges) const {
  std::string text = ModelText(gauges);
  text += Head("qt_requests_total", "counter", "requests by what became of them");
  text += Line("qt_requests_total", Label("outcome", "answered"), static_cast<double>(answers_));
  for (WireErrorCode code : kCodes) {
    text += Line("qt_requests_total", Label("outcome", ToString(code)),
                 static_cast<double>(refusals_.at(static_cast<size_t>(code))));
  }
  text += Head("qt_reloads_total", "counter", "checkpoints that replaced another, or were refused");
  text += Line("qt_reloads_total", Label("result", "loaded"), static_cast<double>(loaded_));
  text +=
      Line("qt_reloads_total", Label("result", "refused"), static_cast<double>(refused_models_));
  text += Head("qt_clients", "gauge", "connections that are open");
  text +=
      Line("qt_clients", Label("transport", kUnixTransport), static_cast<double>(unix_clients_));
  text +=
      Line("qt_clients", Label("transport", kHttpTransport), static_cast<double>(http_clients_));
  return text +
         total_.Text("qt_request_seconds", "from a request's arrival to its answer or refusal") +
         wait_.Text("qt_wait_seconds", "of answered requests: waiting for a thread") +
         compute_.Text("qt_compute_seconds", "of answered requests: computing the action");
}

}  // namespace qt::serve
