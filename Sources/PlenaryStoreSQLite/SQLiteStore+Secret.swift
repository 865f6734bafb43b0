internal import Glibc
package import PlenaryStore

extension SQLiteStore {
  /// A secret that lies beside the database in a file of its own, for the owner alone; it is made if there is none.
  ///
  /// Backups do not have it.
  ///
  /// - Parameters:
  ///   - name: The name of the file.
  ///   - made: Makes the secret.
  /// - Throws: `unavailable` if it cannot be read or written, or others can read it; `full`.
  package func secret(named name: String, made: () -> [UInt8]) throws(StoreError) -> [UInt8] {
    let path = "\(directoryPath)/\(name)"
    do throws(Fault) {
      guard DurableFile.exists(path) else {
        let secret = made()
        try DurableFile.write(secret, to: path + ".part")
        try DurableFile.move(path + ".part", to: path)
        return secret
      }
      var status = stat()
      // SAFETY: the path and the result are lent for the length of the call.
      guard unsafe stat(path, &status) == 0, status.st_mode & 0o077 == 0 else {
        throw .refusal(
          .unavailable(
            reason: "\(path) can be read by others than its owner; make it secret again with chmod 600, or remove it "
              + "to have another one made", outcomeUnknown: false))
      }
      return try DurableFile.read(path, byteCountMax: 4096)
    } catch {
      throw error.storeError
    }
  }
}
