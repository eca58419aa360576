#include "serve/http_wire.h"

#include <httplib.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <string>
#include <utility>

namespace qt::serve {
namespace {

constexpr char kAnyPath[] = "/";  // everything is routed by HttpApi
constexpr size_t kReadBytes = 16 << 10;

// Our streams as httplib wants them. What one request may make us read is counted.
class WireStream : public httplib::Stream {
 public:
  WireStream(ByteSource& in, ByteSink& out) : in_(in), out_(out), buffer_(kReadBytes) {}

  bool is_readable() const override { return !failed_; }
  bool is_writable() const override { return !failed_; }

  ssize_t read(char* bytes, size_t size) override {
    if (failed_ || budget_ == 0) return -1;
    if (begin_ == end_ && !Fill()) return failed_ ? -1 : 0;
    const size_t n = std::min({size, end_ - begin_, budget_});
    std::copy_n(buffer_.begin() + static_cast<ptrdiff_t>(begin_), n, bytes);
    begin_ += n;
    budget_ -= n;
    return static_cast<ssize_t>(n);
  }

  ssize_t write(const char* bytes, size_t size) override {
    if (failed_) return -1;
    failed_ = !out_.Write(AsBytes({bytes, size})).ok();
    return failed_ ? -1 : static_cast<ssize_t>(size);
  }

  void get_remote_ip_and_port(std::string& ip, int& port) const override { ip.clear(), port = 0; }
  void get_local_ip_and_port(std::string& ip, int& port) const override { ip.clear(), port = 0; }
  socket_t socket() const override { return 0; }

  // Whether the client says something more.
  bool AwaitByte() { return !failed_ && (begin_ != end_ || Fill()); }
  void SetBudget(size_t bytes) { budget_ = bytes; }
  bool failed() const { return failed_; }

 private:
  bool Fill() {
    const Result<size_t> n = in_.Read(buffer_);
    failed_ = failed_ || !n.ok();
    begin_ = 0;
    end_ = n.ok() ? *n : 0;
    return end_ > 0;
  }

  ByteSource& in_;
  ByteSink& out_;
  std::vector<uint8_t> buffer_;
  size_t begin_ = 0, end_ = 0;  // of what was read and not used
  size_t budget_ = 0;
  bool failed_ = false;
};

// One connection. httplib's own listening and its routes by regular expression are not used.
class Session : private httplib::Server {
 public:
  Session(const HttpApi& api, const HttpLimits& limits, ByteSource& in, ByteSink& out)
      : api_(api), limits_(limits), stream_(in, out) {
    Get(kAnyPath, [this](const httplib::Request& request, httplib::Response& response) {
      Answer(request, response, [] { return Result<std::string>(std::string()); });
    });
    Post(kAnyPath, [this](const httplib::Request& request, httplib::Response& response,
                          const httplib::ContentReader& reader) {
      Answer(request, response, [&] { return ReadBody(request, reader); });
    });
    set_error_handler([](const httplib::Request&, httplib::Response& response) {
      if (response.body.empty()) {
        response.set_content("{\"error\": \"this is not a request\"}\n", "application/json");
      }
    });
    set_exception_handler(
        [](const httplib::Request&, httplib::Response& response, std::exception_ptr) {
          response.status = 500;
          response.set_content("{\"error\": \"the server failed\"}\n", "application/json");
        });
    set_payload_max_length(2 * api.max_body_bytes());  // ReadBody counts: it says what is wrong
    set_keep_alive_timeout(static_cast<time_t>(limits.idle_s));
    set_keep_alive_max_count(std::numeric_limits<int>::max());
  }

  void Serve(const std::function<void(double)>& allow) {
    for (bool open = true; open;) {
      allow(limits_.idle_s);
      if (!stream_.AwaitByte()) return;
      allow(limits_.request_s);
      stream_.SetBudget(limits_.max_head_bytes);
      body_is_unread_ = true;  // of what does not even have a head
      bool closed = false;
      const bool ok = ProcessRequest(closed, [this](httplib::Request& request) { SetUp(request); });
      // A body that nobody has read would be taken for the next request.
      open = ok && !closed && !body_is_unread_ && !stream_.failed();
    }
  }

 private:
  // Newer versions of httplib also ask for the addresses of both ends, which nothing here looks at.
  template <typename AfterHead>
  bool ProcessRequest(bool& closed, const AfterHead& after_head) {
    if constexpr (requires { process_request(stream_, false, closed, after_head); }) {
      return process_request(stream_, false, closed, after_head);
    } else {
      return process_request(stream_, "", 0, "", 0, false, closed, after_head);
    }
  }

  // The head of a request has been read.
  void SetUp(httplib::Request& request) {
    method_ = request.method;
    path_ = std::exchange(request.path, kAnyPath);
    body_is_unread_ =
        request.has_header("Transfer-Encoding") || request.has_header("Content-Length");
    if (method_ != "POST" && method_ != "HEAD") request.method = "GET";
    request.ranges.clear();
    request.headers.erase("Accept-Encoding");  // answers are small, and wanted at once
    // Chunks, and a compressed body's own head, are longer than what they hold.
    stream_.SetBudget(2 * api_.max_body_bytes());
  }

  void Answer(const httplib::Request& request, httplib::Response& response,
              const std::function<Result<std::string>()>& read_body) {
    const HttpAnswer answer =
        api_.Answer({method_, path_,
                     [&](const char* name) { return request.get_header_value(name); }, read_body});
    response.status = answer.status;
    for (const auto& [name, value] : answer.headers) response.set_header(name, value);
    if (body_is_unread_) response.set_header("Connection", "close");
    response.set_content(answer.body, answer.content_type);
  }

  Result<std::string> ReadBody(const httplib::Request& request,
                               const httplib::ContentReader& reader) {
    if (request.is_multipart_form_data()) return Failed("forms are not understood");
    if (!HasLength(request)) return Failed("the body has neither a length nor chunks");
    std::string body;
    bool too_long = false;
    const bool complete = reader([&](const char* bytes, size_t size) {
      too_long = body.size() + size > api_.max_body_bytes();
      if (!too_long) body.append(bytes, size);
      return !too_long;
    });
    if (!complete || too_long) {
      if (!too_long && !LengthIsTooLong(request)) return Failed("the body is not complete");
      return Usage("the body is longer than " + std::to_string(api_.max_body_bytes()) + " bytes");
    }
    body_is_unread_ = false;
    return body;
  }

  // Without a length httplib would read until the client closes the connection.
  static bool HasLength(const httplib::Request& request) {
    if (!request.has_header("Transfer-Encoding")) return request.has_header("Content-Length");
    return request.get_header_value("Transfer-Encoding") == "chunked";
  }

  bool LengthIsTooLong(const httplib::Request& request) const {
    return std::strtoull(request.get_header_value("Content-Length").c_str(), nullptr, 10) >
           api_.max_body_bytes();
  }

  const HttpApi& api_;
  const HttpLimits& limits_;
  WireStream stream_;
  std::string method_, path_;
  bool body_is_unread_ = false;
};

}  // namespace

void ServeHttp(const HttpApi& api, const HttpLimits& limits, ByteSource& in, ByteSink& out,
               const std::function<void(double seconds)>& allow) {
  Session(api, limits, in, out).Serve(allow);
}

std::string HttpLibraryVersion() { return CPPHTTPLIB_VERSION; }

}  // namespace qt::serve
