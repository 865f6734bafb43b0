internal import Foundation
internal import PlenaryStore
internal import PlenaryStoreSQLite
internal import Transparency

/// Heads of the tree over the audit that somebody has kept, which the access log is held against.
struct KeptHeads {
  /// The longest file that is read: a head with the signatures of hundreds of agencies.
  private static let byteCountMax = 1 << 16

  private let heads: [(title: String, checkpoint: Checkpoint)]

  /// The key of the audit; nil if it is not there.
  private let key: SigningKey?

  /// Reads heads, of the registry whose store is in a directory.
  /// - Throws: `DaemonFailure`, as a wrong command line if a file is no head that the registry has signed.
  init(files: [String], in directory: String) throws(DaemonFailure) {
    var notes: [(path: String, note: SignedNote)] = []
    for path in files { notes.append((path, try Self.note(path))) }
    do throws(StoreError) {
      key = Self.auditKey(of: try SQLiteStore.identity(directory: directory), in: directory)
    } catch {
      throw DaemonFailure(upkeepOf: directory, error)
    }
    var heads: [(title: String, checkpoint: Checkpoint)] = []
    for (path, note) in notes {
      // Without the key nothing is known of who has signed it, and that is found later.
      guard key?.verification.verifies(note) ?? true, let checkpoint = try? Checkpoint(note.text) else {
        throw DaemonFailure(
          .usage,
          "\(path) is no head that the registry's key has signed; give one as `plenary audit head` has printed it")
      }
      heads.append((path, checkpoint))
    }
    self.heads = heads
  }

  /// The key that the access log beside a store is signed with; nil if it is not there or is none.
  static func auditKey(of store: StoreIdentity, in directory: String) -> SigningKey? {
    let path = "\(directory)/\(OpenRegistry.auditKeyFile(of: store))"
    // Without the key the log is verified but for the signatures.
    return (try? String(contentsOfFile: path, encoding: .utf8)).flatMap { try? SigningKey($0) }
  }

  private static func note(_ path: String) throws(DaemonFailure) -> SignedNote {
    // That it cannot be read is all that there is to say.
    guard let file = try? FileHandle(forReadingFrom: URL(filePath: path)),
      let data = try? file.read(upToCount: byteCountMax + 1) ?? Data()
    else {
      throw DaemonFailure(.usage, "cannot read \(path); name the file of a head")
    }
    // Before it is text: what is read of a longer file may end within a character.
    guard data.count <= byteCountMax else {
      throw DaemonFailure(.usage, "\(path) has more than \(byteCountMax) bytes; name the file of a head")
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw DaemonFailure(.usage, "\(path) is no text in UTF-8; name the file of a head")
    }
    do throws(SignedNote.Malformed) {
      return try SignedNote(reading: text)
    } catch {
      throw DaemonFailure(
        .usage, "\(path) is no head: \(error.description); give one as `plenary audit head` has printed it")
    }
  }

  /// What keeps the access log in the directory from being shown to be the one that the heads commit to.
  /// - Throws: `unavailable`, `corrupt`.
  func findings(in directory: String) throws(StoreError) -> [VerifyReport.Finding] {
    guard let key else {
      return [VerifyReport.Finding(nil, "the key of the audit is not there, by which heads are read")]
    }
    return try AccessLog.verify(directory: directory, key, heads)
  }
}
