#include "components.hpp"
#include "daemon/app.hpp"
#include "daemon/commands/commands.hpp"
#include "daemon/event_loop.hpp"
#include "daemon/startup.hpp"

namespace rowferry {

ExitStatus serve(const Options& options) {
  Redactor redactor;
  const auto settings = load_or_explain(options.config, make_components(), redactor);
  if (!settings) {
    return ExitStatus::wrong_usage;
  }
  Log log(settings->daemon.log, redactor);
  EventLoop loop(log);
  App app(loop, *settings, redactor, log);
  loop.run(app.run());
  return ExitStatus::done;
}

}  // namespace rowferry
