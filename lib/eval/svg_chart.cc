// SPDX-License-Identifier: Apache-2.0
#include "eval/svg_chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "eval/table.h"

namespace qt::eval {
namespace {

constexpr double kWidth_px = 460, kHeight_px = 280;
constexpr double kLeft_px = 52, kRight_px = 12, kTop_px = 34, kBottom_px = 56;
constexpr double kPlotWidth_px = kWidth_px - kLeft_px - kRight_px;
constexpr double kPlotHeight_px = kHeight_px - kTop_px - kBottom_px;
constexpr const char* kSuccessColour = "#2a8a4a";
constexpr const char* kFailureColour = "#c0503c";
constexpr std::array kLineColours = {"#2a6fb0", "#2a8a4a", "#c0803c", "#8a4aa0"};

// What is drawn: data to pixels.
struct Plot {
  double x0 = 0, x1 = 1, y0 = 0, y1 = 1;
  double u(double x) const { return kLeft_px + (x - x0) / (x1 - x0) * kPlotWidth_px; }
  double v(double y) const {
    return kTop_px + (1 - (std::clamp(y, y0, y1) - y0) / (y1 - y0)) * kPlotHeight_px;
  }
};

std::string Text(double u, double v, const char* anchor, const std::string& text) {
  return Format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", u, v, anchor) + Escaped(text) +
         "</text>\n";
}

std::string Line(double u0, double v0, double u1, double v1, const char* style) {
  return Format("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" ", u0, v0, u1, v1) + style +
         "/>\n";
}

std::string Rectangle(double u, double v0, double v1, double width, const char* colour) {
  return Format("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n", u, v0,
                width, std::max(0.0, v1 - v0), colour);
}

std::string Open(const std::string& title, const std::string& x_label) {
  return Format("<svg viewBox=\"0 0 %g %g\" role=\"img\" aria-label=\"", kWidth_px, kHeight_px) +
         Escaped(title) + "\">\n<title>" + Escaped(title) + "</title>\n" + "<g class=\"head\">" +
         Text(kLeft_px, 18, "start", title) + "</g>" +
         Text(kLeft_px + kPlotWidth_px / 2, kHeight_px - 6, "middle", x_label);
}

// Four or so round steps.
double RoundStep(double range) {
  const double power = std::pow(10, std::floor(std::log10(range / 4)));
  for (double factor : {1.0, 2.0, 5.0}) {
    if (factor * power * 5 >= range) return factor * power;
  }
  return 10 * power;
}

std::string Grid(const Plot& plot) {
  std::string svg;
  const double step = RoundStep(plot.y1 - plot.y0);
  for (double k = std::ceil(plot.y0 / step); k * step <= plot.y1 + step / 1e6; ++k) {
    const double v = plot.v(k * step);
    svg += Line(kLeft_px, v, kLeft_px + kPlotWidth_px, v, "class=\"grid\"") +
           Text(kLeft_px - 6, v + 4, "end", Format("%g", k * step));
  }
  return svg;
}

std::string Ticks(const Plot& plot) {
  std::string svg;
  const double step = RoundStep(plot.x1 - plot.x0);
  for (double k = std::ceil(plot.x0 / step); k * step <= plot.x1 + step / 1e6; ++k) {
    svg += Text(plot.u(k * step), kHeight_px - kBottom_px + 16, "middle", Format("%g", k * step));
  }
  return svg;
}

std::string Whisker(double u, const Plot& plot, const stats::Interval& interval) {
  const double low = plot.v(interval.low), high = plot.v(interval.high);
  return Line(u, low, u, high, "class=\"whisker\"") +
         Line(u - 4, low, u + 4, low, "class=\"whisker\"") +
         Line(u - 4, high, u + 4, high, "class=\"whisker\"");
}

// Middle of bar i of n, and the width of a bar.
double MiddleOf(size_t i, size_t n) {
  return kLeft_px + (static_cast<double>(i) + 0.5) * kPlotWidth_px / static_cast<double>(n);
}
double BarWidth(size_t n) { return 0.7 * kPlotWidth_px / static_cast<double>(n); }

Plot Fitted(const std::vector<ChartLine>& lines) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Plot plot{kInfinity, -kInfinity, 0, -kInfinity};
  for (const ChartLine& line : lines) {
    for (const ChartPoint& point : line.points) {
      plot.x0 = std::min(plot.x0, point.x);
      plot.x1 = std::max(plot.x1, point.x);
      plot.y0 = std::min(plot.y0, point.y);
      plot.y1 = std::max(plot.y1, point.y);
    }
  }
  if (!(plot.x1 > plot.x0)) plot.x1 = (plot.x0 = std::isfinite(plot.x0) ? plot.x0 : 0) + 1;
  if (!(plot.y1 > plot.y0)) plot.y1 = plot.y0 + 1;
  return plot;
}

std::string DrawLine(const ChartLine& line, const Plot& plot, const char* colour) {
  std::string path, svg;
  for (const ChartPoint& point : line.points) {
    path += Format("%s%.1f %.1f", path.empty() ? "M" : " L", plot.u(point.x), plot.v(point.y));
    if (point.interval) svg += Whisker(plot.u(point.x), plot, *point.interval);
  }
  if (!path.empty()) {
    svg += "<path d=\"" + path + Format("\" fill=\"none\" stroke=\"%s\"/>\n", colour);
  }
  if (line.points.size() > 40) return svg;
  for (const ChartPoint& point : line.points) {
    svg += Format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n", plot.u(point.x),
                  plot.v(point.y), colour);
  }
  return svg;
}

}  // namespace

std::string Escaped(const std::string& text) {
  std::string escaped;
  for (char c : Printable(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string RateChart(const std::string& title, const std::string& x_label,
                      const std::vector<RateBar>& bars) {
  const Plot plot;
  std::string svg = Open(title, x_label) + Grid(plot);
  for (size_t i = 0; i < bars.size(); ++i) {
    const stats::Rate& rate = bars[i].rate;
    const double u = MiddleOf(i, bars.size()), width = BarWidth(bars.size());
    svg += Text(u, kHeight_px - kBottom_px + 16, "middle", bars[i].label) +
           Text(u, kHeight_px - kBottom_px + 30, "middle", "n=" + std::to_string(rate.total));
    if (rate.total == 0) continue;
    svg += Rectangle(u - width / 2, plot.v(rate.rate), plot.v(0), width, kSuccessColour) +
           Whisker(u, plot, rate.interval);
  }
  return svg + "</svg>\n";
}

std::string CountChart(const std::string& title, const std::string& x_label,
                       const std::vector<CountBar>& bars) {
  uint64_t most = 1;
  for (const CountBar& bar : bars) most = std::max(most, bar.successes + bar.failures);
  const Plot plot{0, 1, 0, static_cast<double>(most)};
  std::string svg = Open(title, x_label) + Grid(plot);
  const double width = BarWidth(bars.size());
  for (size_t i = 0; i < bars.size(); ++i) {
    const double u = MiddleOf(i, bars.size());
    const double successes = static_cast<double>(bars[i].successes);
    const double all = successes + static_cast<double>(bars[i].failures);
    svg += Text(u, kHeight_px - kBottom_px + 16, "middle", bars[i].label) +
           Rectangle(u - width / 2, plot.v(successes), plot.v(0), width, kSuccessColour) +
           Rectangle(u - width / 2, plot.v(all), plot.v(successes), width, kFailureColour);
  }
  return svg + "</svg>\n";
}

std::string LineChart(const std::string& title, const std::string& x_label, Axes axes,
                      const std::vector<ChartLine>& lines) {
  const Plot plot = axes == Axes::kUnitSquare ? Plot() : Fitted(lines);
  std::string svg = Open(title, x_label) + Grid(plot) + Ticks(plot);
  if (axes == Axes::kUnitSquare) {
    svg += Line(plot.u(0), plot.v(0), plot.u(1), plot.v(1), "class=\"diagonal\"");
  }
  for (size_t i = 0; i < lines.size(); ++i) {
    const char* colour = kLineColours[i % kLineColours.size()];
    svg += DrawLine(lines[i], plot, colour) +
           Format("<rect x=\"%.1f\" y=\"%.1f\" width=\"10\" height=\"10\" fill=\"%s\"/>\n",
                  kLeft_px + 6, kTop_px + 4 + 16 * static_cast<double>(i), colour) +
           Text(kLeft_px + 20, kTop_px + 13 + 16 * static_cast<double>(i), "start", lines[i].name);
  }
  return svg + "</svg>\n";
}

}  // namespace qt::eval
