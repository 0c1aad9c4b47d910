#pragma once

#include <memory>

#include "config/components.hpp"
#include "config/settings.hpp"
#include "core/run_context.hpp"
#include "core/state_store.hpp"

namespace rowferry {

/// Every connection, source and sink that this program is made of: one line each.
[[nodiscard]] config::Components make_components();

/// The state store that the configuration asks for; not open yet.
[[nodiscard]] std::unique_ptr<StateStore> make_state_store(const config::DaemonSettings& settings,
                                                           const Runtime& runtime);

}  // namespace rowferry
