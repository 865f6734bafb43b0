internal import Foundation

/// What a log says of itself at one moment, in the form of the C2SP specification "tlog-checkpoint": its name, how many
/// entries it has, and the root of the tree over them.
package struct Checkpoint: Hashable, Sendable {
  /// The name of the log.
  package let origin: String

  /// The entries: at most as many as the API can count.
  package let size: UInt64

  /// The most entries of a tree.
  package static let sizeMax = UInt64(Int64.max)

  /// The root over them.
  package let root: [UInt8]

  /// Further lines, which mean something to the log alone.
  package let extensions: [String]

  /// Makes a checkpoint.
  package init(origin: String, size: UInt64, root: [UInt8], extensions: [String] = []) {
    self.origin = origin
    self.size = size
    self.root = root
    self.extensions = extensions
  }

  /// Reads the text of a note as a checkpoint.
  /// - Throws: `SignedNote.Malformed`.
  package init(_ text: String) throws(SignedNote.Malformed) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    // A number has one way to be written.
    guard lines.count >= 3, !lines[0].isEmpty, let size = UInt64(lines[1]), size <= Self.sizeMax,
      String(size) == lines[1],
      let root = Data(base64Encoded: String(lines[2])), root.count == MerkleTree.hashByteCount,
      lines[3...].allSatisfy({ !$0.isEmpty })
    else { throw SignedNote.Malformed(description: "it is no checkpoint: origin, size and root stand in three lines") }
    self.init(origin: String(lines[0]), size: size, root: Array(root), extensions: lines[3...].map(String.init))
  }

  /// The text that is signed.
  package var text: String {
    ([origin, "\(size)", Data(root).base64EncodedString()] + extensions).map { $0 + "\n" }.joined()
  }
}
