#include "preview.h"

#include "image/png.h"
#include "json/json.h"
#include "sim/families.h"
#include "sim/preview.h"

namespace qt::collect {

Status WritePreview(const Options& options, cli::Io& io) {
  QT_ASSIGN(const std::unique_ptr<ByteSink> sink,
            io.OpenOutput(options.preview, /*binary=*/true, "preview", "objects", ".png"));
  sim::ObjectSet set;
  if (options.scene.library) {
    set = sim::OwnObjects(options.scene.library);
  } else {
    QT_ASSIGN(set, sim::ParseObjectSet(options.scene.objects));
  }
  QT_ASSIGN(const sim::Preview preview,
            sim::DrawPreview(set, options.seed < 0 ? 0 : uint64_t(options.seed)));
  QT_TRY(WritePng(*sink, preview.sheet));
  const size_t refused = options.scene.library ? options.scene.library->refused.size() : 0;
  io.Report({{"objects", options.scene.objects},
             {"preview", options.preview},
             {"drawn", preview.num_objects},
             {"refused", refused}},
            std::to_string(preview.num_objects) + " object(s) drawn, " + std::to_string(refused) +
                " file(s) cannot be used");
  return refused == 0 ? Ok() : Partial(std::to_string(refused) + " file(s) cannot be used");
}

}  // namespace qt::collect
