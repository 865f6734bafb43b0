internal import Crypto
package import PlenaryStore

extension StoreIdentity {
  /// What the store is called where others are shown it: it follows from the id and does not tell it, since whoever knows
  /// the id can open the tokens of revisions.
  package var publicName: String {
    SHA256.hash(data: Array("plenary public name".utf8) + id).prefix(16).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0\(digits)" : digits
    }.joined()
  }
}
