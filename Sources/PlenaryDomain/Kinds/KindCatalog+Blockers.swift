internal import PlenaryStore
internal import ProtobufRuntime

/// An index by which the records of a kind hold on to those of another.
struct BlockingIndex {
  /// The kind whose records hold on.
  let kind: Kind

  /// The number of the index, whose values are names.
  let index: IndexField

  /// The field that a forced deletion takes the name out of; nil if it gives no way.
  var clearablePath: ValuePath?

  /// Whether its records go with the one that they hold on to.
  var isDependent = false
}

extension KindCatalog {
  /// What stands in the way of deleting records of a kind.
  func blockers(of kind: Kind) -> [BlockingIndex] {
    switch kind.deletion {
    case .blockedByEveryReference:
      kinds.flatMap { referrer in
        referrer.references.filter { $0.targets.contains(kind.resourceType) }.map {
          BlockingIndex(kind: referrer, index: $0.field)
        }
      }
    case .blocked(let blockers):
      blockers.map { blocker in
        switch blocker {
        case .field(let path, let message): index(of: path, message)
        case .clearable(let path, let message): index(of: path, message, isClearable: true)
        case .dependent(let path, let message): index(of: path, message, isDependent: true)
        case .derived(let slot, let message):
          BlockingIndex(kind: declared(message), index: declared(message).derivedIndex(slot))
        }
      }
    }
  }

  private func index(
    of path: String, _ message: String, isClearable: Bool = false, isDependent: Bool = false
  ) -> BlockingIndex {
    let kind = declared(message)
    return BlockingIndex(
      kind: kind, index: kind.index(ofReference: path),
      clearablePath: isClearable ? .known(path, in: kind.message.descriptor) : nil, isDependent: isDependent)
  }

  private func declared(_ message: String) -> Kind {
    guard let kind = kinds.first(where: { $0.message.descriptor.name == message }) else {
      preconditionFailure("there is no kind \(message)")
    }
    return kind
  }
}
