internal import Foundation
internal import Transparency

/// Files of heads and keys.
enum AuditText {
  /// A key, given as such or as the file that holds it.
  static func key(_ text: String) throws(Failure) -> VerificationKey {
    let isFile = FileManager.default.fileExists(atPath: text)
    let written = isFile ? try SmallFile.read(text).trimmingCharacters(in: .whitespacesAndNewlines) : text
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
    let note = try note(try SmallFile.read(path), called: path)
    return (note, try checkpoint(note, called: path))
  }

  /// The lines of a note, whose last one ends it.
  static func lines(of note: String) -> [String] {
    note.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }
}
