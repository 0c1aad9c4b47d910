#include "base/compression.hpp"

#include <fmt/format.h>
#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/error.hpp"

namespace rowferry {
namespace {

// ISA-L counts in 32 bits.
constexpr std::size_t kPieceBytesMax = 1u << 30;
constexpr std::size_t kRoomBytes = 64u << 10;

std::uint8_t* bytes_of(char* text) { return reinterpret_cast<std::uint8_t*>(text); }

// ISA-L takes a pointer to what it only reads.
std::uint8_t* input_of(std::string_view text) {
  return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}

[[noreturn]] void throw_damaged(std::string_view what) {
  throw Error(Failure::internal, fmt::format("cannot unpack gzip: {}", what)).with_reason("gzip");
}

}  // namespace

struct GzipWriter::State {
  State() { begin(); }

  void begin() {
    isal_deflate_init(&stream);
    stream.level = 1;
    stream.level_buf = level_buffer.data();
    stream.level_buf_size = static_cast<std::uint32_t>(level_buffer.size());
    stream.gzip_flag = IGZIP_GZIP;
    stream.flush = NO_FLUSH;
  }

  void compress(std::string_view piece, Buffer& out) {
    stream.next_in = input_of(piece);
    stream.avail_in = static_cast<std::uint32_t>(piece.size());
    do {
      stream.next_out = bytes_of(out.prepare(kRoomBytes));
      stream.avail_out = static_cast<std::uint32_t>(kRoomBytes);
      if (isal_deflate(&stream) != COMP_OK) {
        throw Error(Failure::internal, "gzip compression failed").with_reason("gzip");
      }
      out.commit(kRoomBytes - stream.avail_out);
    } while (stream.avail_out == 0 || stream.avail_in > 0);
  }

  isal_zstream stream{};
  std::array<std::uint8_t, ISAL_DEF_LVL1_DEFAULT> level_buffer{};
};

GzipWriter::GzipWriter() : state_(std::make_unique<State>()) {}
GzipWriter::~GzipWriter() = default;
GzipWriter::GzipWriter(GzipWriter&&) noexcept = default;
GzipWriter& GzipWriter::operator=(GzipWriter&&) noexcept = default;

void GzipWriter::write(std::string_view input, Buffer& out) {
  while (!input.empty()) {
    const std::string_view piece = input.substr(0, kPieceBytesMax);
    state_->compress(piece, out);
    input.remove_prefix(piece.size());
  }
}

void GzipWriter::finish(Buffer& out) {
  state_->stream.end_of_stream = 1;
  state_->compress({}, out);
  state_->begin();
}

void gzip(std::string_view input, Buffer& out) {
  GzipWriter writer;
  writer.write(input, out);
  writer.finish(out);
}

void gunzip(std::string_view input, std::size_t bytes_max, Buffer& out) {
  const auto state = std::make_unique<inflate_state>();
  isal_inflate_init(state.get());
  state->crc_flag = ISAL_GZIP;
  std::size_t unpacked = 0;
  while (true) {
    if (state->avail_in == 0) {
      const std::string_view piece = input.substr(0, kPieceBytesMax);
      state->next_in = input_of(piece);
      state->avail_in = static_cast<std::uint32_t>(piece.size());
      input.remove_prefix(piece.size());
    }
    state->next_out = bytes_of(out.prepare(kRoomBytes));
    state->avail_out = static_cast<std::uint32_t>(kRoomBytes);
    if (isal_inflate(state.get()) != ISAL_DECOMP_OK) {
      throw_damaged("the bytes are damaged");
    }
    const std::size_t written = kRoomBytes - state->avail_out;
    out.commit(written);
    unpacked += written;
    if (unpacked > bytes_max) {
      throw_damaged(fmt::format("it holds more than {} bytes", bytes_max));
    }
    const bool has_more = state->avail_in > 0 || !input.empty();
    if (state->block_state == ISAL_BLOCK_FINISH) {
      if (!has_more) {
        return;
      }
      isal_inflate_reset(state.get());
      state->crc_flag = ISAL_GZIP;
    } else if (!has_more && state->avail_out > 0) {
      throw_damaged("the end is missing");
    }
  }
}

}  // namespace rowferry
