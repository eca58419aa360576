// SPDX-License-Identifier: Apache-2.0
#include "serve/http_wire.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/version.hpp>
#include <cstdint>
#include <ctime>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/inflate.h"
#include "serve/http_head.h"

namespace qt::serve {
namespace {

namespace beast = boost::beast;

constexpr size_t kReadBytes = 16 << 10;

std::string_view ViewOf(beast::string_view text) { return {text.data(), text.size()}; }

// Beast's parser of one request; what it finds is kept here.
class Parser : public beast::http::basic_parser<true> {
 public:
  Parser(size_t max_head_bytes, size_t max_body_bytes) : max_body_bytes_(max_body_bytes) {
    header_limit(static_cast<uint32_t>(max_head_bytes));
    body_limit(UINT64_MAX);  // counted here, and refused before it is read
  }

  const HttpHead& head() const { return head_; }
  std::string& body() { return body_; }
  bool has_length() const { return chunked() || content_length().has_value(); }
  bool is_too_long() const {
    return content_length().value_or(0) > max_body_bytes_ || body_.size() > max_body_bytes_;
  }

 private:
  void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target,
                       int version, beast::error_code&) override {
    head_.method = ViewOf(method);
    head_.target = ViewOf(target);
    head_.version = version;
  }
  void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value,
                     beast::error_code&) override {
    if (!is_header_done()) head_.fields.emplace_back(ViewOf(name), ViewOf(value));
  }
  // Newer versions of Beast tell trailers apart.
  virtual void on_trailer_field_impl(beast::http::field, beast::string_view, beast::string_view,
                                     beast::error_code&) {}
  size_t on_body_impl(beast::string_view bytes, beast::error_code& ec) override {
    if (body_.size() <= max_body_bytes_) body_.append(bytes.data(), bytes.size());
    if (body_.size() > max_body_bytes_) ec = beast::http::error::body_limit;
    return bytes.size();
  }
  size_t on_chunk_body_impl(uint64_t, beast::string_view bytes, beast::error_code& ec) override {
    return on_body_impl(bytes, ec);
  }
  void on_response_impl(int, beast::string_view, int, beast::error_code&) override {}
  void on_header_impl(beast::error_code&) override {}
  void on_body_init_impl(const boost::optional<uint64_t>&, beast::error_code&) override {}
  void on_chunk_header_impl(uint64_t size, beast::string_view, beast::error_code& ec) override {
    if (size > max_body_bytes_) ec = beast::http::error::body_limit;  // whether it comes or not
  }
  void on_finish_impl(beast::error_code&) override {}

  const size_t max_body_bytes_;
  HttpHead head_;
  std::string body_;
};

// Whether the first line ends in a bare line feed.
bool EndsBare(std::span<const uint8_t> line) {
  const auto end = std::find(line.begin(), line.end(), '\n');
  return end != line.end() && end != line.begin() && end[-1] != '\r';
}

HttpRefusal HeadRefusal(beast::error_code ec, bool has_start_line) {
  if (ec == beast::http::error::header_limit) {
    if (!has_start_line) return {414, "the request line is too long"};
    return {431, "the head of the request is too long"};
  }
  if (ec == beast::http::error::bad_version) return {505, "this is not HTTP/1.1"};
  if (ec == beast::http::error::bad_content_length)
    return {400, "Content-Length is not one number"};
  return {400, "this is not a request"};
}

// IMF-fixdate, as RFC 9110 wants it of who has a clock.
std::string DateText() {
  const std::time_t now = std::time(nullptr);
  std::tm utc = {};
  ::gmtime_r(&now, &utc);
  char text[64];
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc)};
}

class Session {
 public:
  Session(const HttpApi& api, const HttpLimits& limits, ByteSource& in, ByteSink& out)
      : api_(api), limits_(limits), in_(in), out_(out) {}

  void Serve(const std::function<void(double)>& allow) {
    bool goes_on = true;
    while (goes_on) {
      allow(limits_.idle_s);
      if (!SkipEmptyLines()) return;
      allow(limits_.request_s);
      goes_on = AnswerOne();
    }
  }

 private:
  enum class Filled { kYes, kEnd, kTooSlow };

  std::span<const uint8_t> unread() const { return std::span(buffer_).subspan(begin_); }

  Filled Fill() {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<ptrdiff_t>(begin_));
    begin_ = 0;
    const size_t have = buffer_.size();
    buffer_.resize(have + kReadBytes);
    const Result<size_t> n = in_.Read(std::span(buffer_).subspan(have));
    buffer_.resize(have + (n.ok() ? *n : 0));
    if (n.ok()) return *n > 0 ? Filled::kYes : Filled::kEnd;
    return n.status().code() == Code::kBusy ? Filled::kTooSlow : Filled::kEnd;
  }

  // Whether there is something more. Clients of old send a line end behind a body.
  bool SkipEmptyLines() {
    for (;;) {
      while (begin_ < buffer_.size() && (buffer_[begin_] == '\r' || buffer_[begin_] == '\n')) {
        ++begin_;
      }
      if (begin_ < buffer_.size()) return true;
      if (Fill() != Filled::kYes) return false;
    }
  }

  // Whether another request may follow.
  bool AnswerOne() {
    Parser parser(limits_.max_head_bytes, api_.max_body_bytes());
    std::optional<HttpRefusal> refusal = ReadHead(parser);
    if (!refusal) refusal = RefusalOf(parser.head());
    const bool is_head = parser.head().method == "HEAD";
    if (refusal) return Send(Refusal(refusal->status, refusal->sentence), false, is_head, false);
    const HttpAnswer answer = AnswerTo(parser);
    // A body that nobody has read would be taken for the next request.
    const bool keeps = parser.keep_alive() && parser.is_done();
    return Send(answer, keeps, is_head, parser.head().version < 11);
  }

  HttpAnswer AnswerTo(Parser& parser) {
    const HttpHead& head = parser.head();
    try {
      return api_.Answer({head.method, *PathOf(head.target),
                          [&head](const char* name) { return head.Value(name); },
                          [this, &parser] { return ReadBody(parser); }});
    } catch (const std::exception&) {
      return Refusal(500, "the server failed");
    }
  }

  // Puts what was read into the parser, until `done` or what is wrong.
  template <typename Done>
  std::optional<HttpRefusal> Feed(Parser& parser, size_t budget_bytes, const Done& done) {
    for (;;) {
      beast::error_code ec;
      const size_t n = parser.put({unread().data(), unread().size()}, ec);
      begin_ += n;
      budget_bytes -= std::min(budget_bytes, n);
      if (done()) return std::nullopt;
      if (ec && ec != beast::http::error::need_more) return Malformed(parser, ec);
      if (budget_bytes == 0) return HttpRefusal{413, "the body's chunks are too small"};
      if (n > 0 && !unread().empty() && !ec) continue;
      if (unread().size() > limits_.max_head_bytes) return HttpRefusal{400, "a line is too long"};
      const Filled filled = Fill();
      if (filled == Filled::kTooSlow) return HttpRefusal{408, "the request came too slowly"};
      if (filled == Filled::kEnd) return HttpRefusal{400, "the request is not complete"};
    }
  }

  HttpRefusal Malformed(const Parser& parser, beast::error_code ec) const {
    if (!parser.is_header_done()) {
      if (EndsBare(unread())) return {400, "a line ends without a carriage return"};
      return HeadRefusal(ec, !parser.head().method.empty());
    }
    if (ec == beast::http::error::body_limit) return TooLong();
    return {400, "the body's chunks are malformed"};
  }

  HttpRefusal TooLong() const {
    return {413, "the body is longer than " + std::to_string(api_.max_body_bytes()) + " bytes"};
  }

  std::optional<HttpRefusal> ReadHead(Parser& parser) {
    return Feed(parser, SIZE_MAX, [&parser] { return parser.is_header_done(); });
  }

  HttpBody ReadBody(Parser& parser) {
    if (!parser.has_length()) return Refusal(400, "the body has neither a length nor chunks");
    if (parser.is_too_long()) return Refusal(TooLong().status, TooLong().sentence);
    const HttpCoding coding = CodingOf(parser.head());
    if (coding == HttpCoding::kUnknown) {
      HttpAnswer answer =
          Refusal(415, "the content coding '" + parser.head().Value("Content-Encoding") +
                           "' is not understood, only " + kKnownCodings);
      answer.headers.emplace_back("Accept-Encoding", kKnownCodings);
      return answer;
    }
    if (!parser.is_done()) {
      if (WantsContinue(parser.head())) {
        const Status written = out_.Write(AsBytes("HTTP/1.1 100 Continue\r\n\r\n"));
        if (!written.ok()) return Refusal(400, "the client is gone");
      }
      parser.eager(true);
      // Chunks, and a compressed body's own head, are longer than what they hold.
      const size_t budget_bytes = 2 * api_.max_body_bytes() + limits_.max_head_bytes;
      if (const auto refusal = Feed(parser, budget_bytes, [&] { return parser.is_done(); })) {
        return Refusal(refusal->status, refusal->sentence);
      }
    }
    return coding == HttpCoding::kIdentity ? HttpBody(std::move(parser.body()))
                                           : Decompressed(parser.body(), coding);
  }

  HttpBody Decompressed(const std::string& body, HttpCoding coding) const {
    const Wrapping wrapping = coding == HttpCoding::kGzip ? Wrapping::kGzip : Wrapping::kZlib;
    Result<Bytes> bytes = Inflate(AsBytes(body), wrapping, api_.max_body_bytes());
    if (bytes.ok()) return std::string(bytes->begin(), bytes->end());
    const bool too_long = bytes.status().code() == Code::kUsage;
    return too_long ? Refusal(TooLong().status, TooLong().sentence)
                    : Refusal(400, "the body is not what its Content-Encoding says");
  }

  // Nothing of the body has come yet, and the client waits for leave to send it.
  bool WantsContinue(const HttpHead& head) const {
    return head.version >= 11 && unread().empty() && !TokensOf(head.Value("Expect")).empty();
  }

  bool Send(const HttpAnswer& answer, bool keeps, bool is_head, bool is_old) {
    std::string text = "HTTP/1.1 " + std::to_string(answer.status) + " " + ReasonOf(answer.status) +
                       "\r\nDate: " + DateText() + "\r\nContent-Type: " + answer.content_type +
                       "\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n";
    for (const auto& [name, value] : answer.headers) text += name + ": " + value + "\r\n";
    if (!keeps) text += "Connection: close\r\n";
    if (keeps && is_old) text += "Connection: keep-alive\r\n";
    text += "\r\n";
    if (!is_head) text += answer.body;
    return out_.Write(AsBytes(text)).ok() && keeps;
  }

  const HttpApi& api_;
  const HttpLimits& limits_;
  ByteSource& in_;
  ByteSink& out_;
  std::vector<uint8_t> buffer_;
  size_t begin_ = 0;  // of what was read and not used
};

}  // namespace

void ServeHttp(const HttpApi& api, const HttpLimits& limits, ByteSource& in, ByteSink& out,
               const std::function<void(double seconds)>& allow) {
  Session(api, limits, in, out).Serve(allow);
}

std::string HttpLibraryVersion() {
  return std::to_string(BOOST_VERSION / 100000) + "." + std::to_string(BOOST_VERSION / 100 % 1000);
}

}  // namespace qt::serve
