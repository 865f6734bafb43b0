internal import ArgumentParser
internal import Glibc
internal import PlenaryStore
internal import PlenaryStoreSQLite

/// `plenaryd promote`
struct PromoteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "promote",
    abstract: "Make the copy of a follower that is stopped take writes; `plenary follower promote` asks one that runs.",
    discussion: """
      The store begins a new epoch: revisions and page tokens from before are
      refused with EPOCH_CHANGED. Stop its leader first, or there are two of them
      and what is written to the old one is lost. Then run it without --follow.

      Examples:

        plenaryd promote --data /var/lib/plenary
      """)

  @OptionGroup
  var options: UpkeepOptions

  func run() throws {
    umask(0o077)
    let directory = try options.directory()
    do throws(StoreError) {
      let promotion = try SQLiteStore.promote(directory: directory, now: DaemonConfiguration.systemTime())
      let pairs: [(key: String, value: Any)] = [
        ("path", directory), ("epoch", Int(promotion.identity.epoch)), ("revision", Int(promotion.revision.number)),
        ("copiedRevision", Int(promotion.copied.number)),
      ]
      // The store is promoted, whether anybody reads that or not.
      try? options.print(
        pairs,
        text: [
          "\(directory): promoted at revision \(promotion.copied); epoch \(promotion.identity.epoch) begins at revision "
            + "\(promotion.revision); run it without --follow"
        ])
    } catch {
      if case .notFollower = error {
        throw DaemonFailure(.failed, "\(directory) is no copy of another registry; there is nothing to promote")
      }
      throw DaemonFailure(upkeepOf: directory, error)
    }
  }
}
