#pragma once

namespace rowferry {

/// What the program's exit status says; fixed by the contract.
enum class ExitStatus {
  done = 0,
  run_failed = 1,        ///< or `validate`: different
  wrong_usage = 2,       ///< the command line or the configuration is wrong
  unreachable = 3,       ///< a server could not be reached or refused us, or the job is running
  done_with_rejects = 4  ///< done, but rows went to the dead letters
};

}  // namespace rowferry
