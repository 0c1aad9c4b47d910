#include "daemon/app.hpp"
#include "daemon/commands/commands.hpp"
#include "daemon/event_loop.hpp"
#include "daemon/startup.hpp"

namespace rowferry {

ExitStatus serve(const Options& options, const config::Components& components) {
  Redactor redactor;
  const auto settings = load_or_explain(options.config, components, redactor);
  if (!settings) {
    return ExitStatus::wrong_usage;
  }
  Log log(settings->daemon.log, redactor);
  EventLoop loop(log);
  const App::LoadAgain load_again = [&options, &components, &redactor] {
    return config::load_settings(options.config, components, redactor);
  };
  App app(loop, *settings, redactor, log, load_again);
  loop.run(app.run());
  return ExitStatus::done;
}

}  // namespace rowferry
