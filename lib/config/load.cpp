#include "config/load.hpp"

#include <fmt/format.h>

#include <memory>
#include <string_view>

#include "config/file_text.hpp"
#include "config/node_body.hpp"
#include "config/yaml_reader.hpp"

namespace rowferry::config {
namespace {

constexpr std::size_t kFileBytesMax = 16u << 20;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::shared_ptr<Node::Body> make_root(const LoadContext& context) {
  auto root = std::make_shared<Node::Body>();
  root->context = std::make_shared<NodeContext>(
      NodeContext{{}, context.folder, context.problems, context.redactor});
  return root;
}

}  // namespace

Node load_text(const std::string& yaml, const LoadContext& context) {
  auto root = make_root(context);
  ValueTree& tree = root->context->tree;
  const bool marked = yaml.starts_with(kByteOrderMark);
  read_yaml(marked ? yaml.substr(kByteOrderMark.size()) : yaml, context.environment, context.folder,
            tree, context.problems);
  root->value = tree.root;
  const bool blank_scalar =
      tree.root != nullptr && tree.root->blank && tree.root->kind == Value::Kind::scalar;
  if (tree.root == nullptr || blank_scalar) {
    root->value = nullptr;
    if (context.problems.empty()) {
      context.problems.add(1, "", "the file is empty");
    }
  } else if (tree.root->kind != Value::Kind::map) {
    root->value = nullptr;
    context.problems.add(tree.root->line, "",
                         "must be a map with the keys daemon, connections and jobs");
  }
  root->silent = root->value == nullptr;
  return Node(std::move(root));
}

Node load_file(const std::filesystem::path& path, const LoadContext& context) {
  const FileText file = read_file(path, kFileBytesMax);
  if (!file.problem.empty()) {
    context.problems.add(1, "", fmt::format("the file cannot be read: {}", file.problem));
    auto root = make_root(context);
    root->silent = true;
    return Node(std::move(root));
  }
  return load_text(file.text, context);
}

}  // namespace rowferry::config
