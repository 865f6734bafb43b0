internal import Foundation
internal import Transparency

/// Files of heads and keys.
enum AuditText {
  /// Heads and keys are short.
  private static let byteCountMax = SignedNote.byteCountMax

  /// The text of a file; `-` is the input.
  static func read(_ path: String) throws(Failure) -> String {
    let title = path == "-" ? "the input" : path
    let data: Data?
    do {
      let handle = path == "-" ? FileHandle.standardInput : try FileHandle(forReadingFrom: URL(filePath: path))
      data = try handle.read(upToCount: byteCountMax + 1)
    } catch {
      throw Failure(.other, "cannot read \(title): \(FileFailure.reason(error))")
    }
    guard let data, data.count <= byteCountMax else {
      throw Failure(.invalid, "\(title) is empty, or has more than \(byteCountMax) bytes")
    }
    return String(decoding: data, as: UTF8.self)
  }

  /// A key, given as such or as the file that holds it.
  static func key(_ text: String) throws(Failure) -> VerificationKey {
    let isFile = FileManager.default.fileExists(atPath: text)
    let written = isFile ? try read(text).trimmingCharacters(in: .whitespacesAndNewlines) : text
    do throws(VerificationKey.Malformed) {
      return try VerificationKey(written)
    } catch {
      let title = TerminalText.oneLine(text)
      guard isFile else { throw Failure(.usage, "`\(title)` is no file, and no key: \(error)") }
      throw Failure(.invalid, "\(title): \(error)")
    }
  }

  /// A signed note.
  static func note(_ text: String, called title: String) throws(Failure) -> SignedNote {
    do throws(SignedNote.Malformed) {
      return try SignedNote(reading: text)
    } catch {
      throw Failure(.invalid, "\(title): \(error)")
    }
  }

  /// The head that a note holds.
  static func checkpoint(_ note: SignedNote, called title: String) throws(Failure) -> Checkpoint {
    do throws(SignedNote.Malformed) {
      return try Checkpoint(note.text)
    } catch {
      throw Failure(.invalid, "\(title): \(error)")
    }
  }

  /// The head in a file, whoever has signed it.
  static func checkpoint(in path: String) throws(Failure) -> (note: SignedNote, checkpoint: Checkpoint) {
    let note = try note(try read(path), called: path)
    return (note, try checkpoint(note, called: path))
  }

  /// The lines of a note, whose last one ends it.
  static func lines(of note: String) -> [String] {
    note.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }
}

/// A file that nobody but its owner can read.
enum SecretFile {
  /// Writes it, if nothing is there yet.
  static func write(_ text: String, to path: String) throws(Failure) {
    guard !FileManager.default.fileExists(atPath: path) else {
      throw Failure(.usage, "\(path) is there already", advice: "name another file")
    }
    guard
      FileManager.default.createFile(
        atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
    else { throw Failure(.other, "cannot write \(path)", advice: "name a file in a directory that is there") }
  }
}
