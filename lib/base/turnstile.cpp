#include "base/turnstile.hpp"

namespace rowferry {

Turnstile::Turn::Turn(Turnstile& turnstile) : turnstile_(turnstile), number_(turnstile.next_++) {
  turnstile_.taken_.insert(number_);
}

Turnstile::Turn::~Turn() {
  turnstile_.taken_.erase(number_);
  turnstile_.moved_.notify();
}

Task<> Turnstile::Turn::wait() {
  while (*turnstile_.taken_.begin() != number_) {
    co_await turnstile_.moved_.wait();
  }
}

}  // namespace rowferry
