#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>

namespace rowferry {

/// A growable block of bytes that is never zeroed and keeps its memory when cleared. Hot loops
/// reserve once with `prepare`, write through the pointer and `commit` what they wrote.
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t capacity) { reserve(capacity); }

  [[nodiscard]] char* data() { return data_.get(); }
  [[nodiscard]] const char* data() const { return data_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::string_view view() const { return {data_.get(), size_}; }
  [[nodiscard]] std::string_view view(std::size_t offset, std::size_t count) const {
    return {data_.get() + offset, count};
  }

  /// Forgets the content, keeps the memory.
  void clear() { size_ = 0; }

  /// Gives memory beyond `bytes_max` back; the content is forgotten.
  void clear_and_trim(std::size_t bytes_max) {
    size_ = 0;
    if (capacity_ > bytes_max) {
      data_.reset();
      capacity_ = 0;
    }
  }

  /// Cuts the content to `size` bytes, at most its present size.
  void truncate(std::size_t size) { size_ = size; }

  /// Makes room for at least `count` more bytes and returns where they begin.
  [[nodiscard]] char* prepare(std::size_t count) {
    if (capacity_ - size_ < count) {
      reserve(grown(count));
    }
    return data_.get() + size_;
  }

  /// Counts `count` bytes, written at what `prepare` returned, as content.
  void commit(std::size_t count) { size_ += count; }

  /// Counts all bytes up to `end`, a pointer into the prepared room, as content.
  void commit_to(const char* end) { size_ = static_cast<std::size_t>(end - data_.get()); }

  void append(std::string_view text) {
    if (!text.empty()) {
      std::memcpy(prepare(text.size()), text.data(), text.size());
      size_ += text.size();
    }
  }

  void append(char character) {
    *prepare(1) = character;
    ++size_;
  }

  void reserve(std::size_t capacity) {
    if (capacity <= capacity_) {
      return;
    }
    char* moved = static_cast<char*>(std::realloc(data_.get(), capacity));
    if (moved == nullptr) {
      throw std::bad_alloc();
    }
    std::ignore = data_.release();
    data_.reset(moved);
    capacity_ = capacity;
  }

 private:
  struct Free {
    void operator()(char* block) const { std::free(block); }
  };

  [[nodiscard]] std::size_t grown(std::size_t count) const {
    const std::size_t doubled = capacity_ < 512 ? 1024 : capacity_ * 2;
    return doubled > size_ + count ? doubled : size_ + count;
  }

  std::unique_ptr<char, Free> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace rowferry
