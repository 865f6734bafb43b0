internal import PlenaryStore

extension BackupManifest {
  /// The form of the file; a program that does not know it must not read it.
  private static let format: Int64 = 1

  /// The form of one whose database is sealed.
  private static let sealedFormat: Int64 = 2

  /// What a sealed database is sealed with: all that is said of it but how it is sealed.
  var sealedHeader: [UInt8] {
    var manifest = self
    manifest.seal = nil
    return Array(manifest.json.utf8)
  }

  /// The text of the manifest's file.
  var json: String {
    let sealed =
      seal.map { seal in
        """
        ,
          "sealed_to": "\(seal.keyID)",
          "sealed_bytes": \(seal.byteCount),
          "sealed_sha256": "\(seal.sha256.hexadecimal)"
        """
      } ?? ""
    return """
      {
        "format": \(seal == nil ? Self.format : Self.sealedFormat),
        "store_id": "\(identity.id.hexadecimal)",
        "epoch": \(identity.epoch),
        "revision": \(revision.number),
        "chain": "\(chain.hexadecimal)",
        "schema": \(schema),
        "time_microseconds": \(time.microseconds),
        "bytes": \(byteCount),
        "sha256": "\(sha256.hexadecimal)"\(sealed)
      }

      """
  }

  /// Reads the text of a manifest's file.
  /// - Throws: `corrupt` if it is none.
  init(json: [UInt8]) throws(Fault) {
    let wrong = Fault.refusal(.corrupt(reason: "the manifest is not one that this program can read"))
    let text = String(decoding: json, as: UTF8.self)
    let connection = try SQLiteConnection(scratch: ":memory:")
    let isValid = try connection.prepare("SELECT json_valid(?)").bind(text)
    guard try isValid.step(), isValid.integer(0) == 1 else { throw wrong }
    func value(_ key: String) throws(Fault) -> String {
      let row = try connection.prepare("SELECT json_extract(?, ?)").bind(text).bind("$.\(key)")
      guard try row.step(), !row.isNull(0) else { throw wrong }
      return row.text(0)
    }
    func number<Number: FixedWidthInteger>(_ key: String, _ type: Number.Type) throws(Fault) -> Number {
      guard let number = Number(try value(key)) else { throw wrong }
      return number
    }
    func bytes(_ key: String, count: Int) throws(Fault) -> [UInt8] {
      guard let bytes = [UInt8](hexadecimal: try value(key)), bytes.count == count else { throw wrong }
      return bytes
    }
    let format = try number("format", Int64.self)
    guard [Self.format, Self.sealedFormat].contains(format) else { throw wrong }
    let seal: Seal? =
      format == Self.format
      ? nil
      : Seal(
        keyID: try value("sealed_to"), byteCount: try number("sealed_bytes", Int64.self),
        sha256: try bytes("sealed_sha256", count: 32))
    self.init(
      identity: StoreIdentity(id: try bytes("store_id", count: 16), epoch: try number("epoch", UInt32.self)),
      revision: Revision(try number("revision", UInt64.self)), chain: try bytes("chain", count: 32),
      schema: try number("schema", Int.self),
      time: CommitTime(microseconds: try number("time_microseconds", Int64.self)),
      byteCount: try number("bytes", Int64.self), sha256: try bytes("sha256", count: 32), seal: seal)
  }
}
