internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import PlenaryDomain
internal import PlenaryStore
internal import PlenaryStoreSQLite
internal import Transparency

/// `plenaryd backup`
struct BackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Copy the store of a daemon that is stopped; `plenary backup` asks one that runs.",
    discussion: """
      A backup is a directory with the database as one file and a manifest. The
      copy is verified before it takes its name.

      Examples:

        plenaryd backup /backups/monday --data /var/lib/plenary
        plenaryd backup /backups/monday --encrypt-to agency.pub
      """)

  @Argument(help: ArgumentHelp("The directory to make; it must not exist.", valueName: "backup"))
  var backup: String

  @Option(
    help: ArgumentHelp(
      "Seal the backup to the key in a file, as `plenary backup make-key` prints it.", valueName: "file"))
  var encryptTo: String?

  @OptionGroup
  var options: UpkeepOptions

  func run() throws {
    umask(0o077)
    let directory = try options.directory()
    let key = try encryptTo.map { try KeyFile.sealingKey($0).bytes }
    let bar = UpkeepBar()
    defer { bar.end() }
    do throws(StoreError) {
      let manifest = try SQLiteStore.backUp(
        directory: directory, to: backup, sealedTo: key, now: DaemonConfiguration.systemTime(), watch: bar.watch)
      bar.end()
      // The copy is there, whether anybody reads that or not.
      try? options.print(
        manifest.pairs + [("path", backup)],
        text: [
          "\(backup): revision \(manifest.revision), epoch \(manifest.identity.epoch), \(manifest.byteCount) bytes"
        ])
    } catch {
      throw DaemonFailure(upkeepOf: directory, error)
    }
  }
}

/// `plenaryd verify`
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Look for damage in a backup, or in the store of a daemon that is stopped.",
    discussion: """
      Nothing is changed. Without --quick every body is held against its digest,
      and every version, head and index entry against the audit. Exits with 1 if
      something is wrong, and names the first revision that is.

      --head looks whether the access log is still the one that a head of the
      tree committed to which somebody has kept, as `plenary audit head` prints it.
      Exits with 1 if it is not, and if that cannot be known: the head is older than
      the log is kept for, or than the line of the log in heads.

      Examples:

        plenaryd verify --data /var/lib/plenary
        plenaryd verify --data /var/lib/plenary --head monday.head
        plenaryd verify /backups/monday --output json
        plenaryd verify /backups/sealed --identity agency.secret
      """)

  @Argument(help: ArgumentHelp("A backup. Default: the store in --data.", valueName: "backup"))
  var backup: String?

  @Flag(help: "Only the pages of the database and the chain of the audit.")
  var quick = false

  @Option(
    help: ArgumentHelp("The secret key of a sealed backup; without it only its digest is looked at.", valueName: "file")
  )
  var identity: String?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("A head that the access log has to continue. May be repeated.", valueName: "file"))
  var head: [String] = []

  @OptionGroup
  var options: UpkeepOptions

  func run() throws {
    guard head.isEmpty || backup == nil else {
      throw DaemonFailure(.usage, "a backup has no access log that --head could be held against; leave one of them out")
    }
    let place = try backup ?? options.directory()
    let bar = UpkeepBar()
    defer { bar.end() }
    let depth = quick ? VerifyDepth.quick : .full
    let now = DaemonConfiguration.systemTime()
    let key = try identity.map { try KeyFile.unsealingKey($0) }
    // What is no head is told before the store is read, which may take its time.
    let heads = try head.isEmpty ? nil : KeptHeads(files: head, in: place)
    var report: VerifyReport
    var unshown: [VerifyReport.Finding] = []
    do throws(StoreError) {
      if let backup, let seal = try SQLiteStore.manifest(ofBackup: backup).seal {
        let manifest = try SQLiteStore.verify(sealed: backup, with: key, watch: bar.watch)
        bar.end()
        // It was verified, whether anybody reads that or not.
        try? options.print(
          manifest.pairs + [("opened", key != nil), ("path", backup)],
          text: [
            "whole: revision \(manifest.revision), epoch \(manifest.identity.epoch), sealed to \(seal.keyID)"
              + (key == nil ? "; --identity looks whether it opens" : "; it opens, and holds what it was made of")
          ])
        return
      }
      if backup == nil {
        report = try SQLiteStore.verify(directory: place, depth, now: now, watch: bar.watch)
        let key = KeptHeads.auditKey(of: report.identity, in: place)
        report.add(try AccessLog.verify(directory: place, key?.verification))
        if let heads { unshown = try heads.findings(in: place) }
      } else {
        report = try SQLiteStore.verify(backup: place, depth, now: now, watch: bar.watch).report
      }
    } catch {
      throw DaemonFailure(upkeepOf: place, error)
    }
    bar.end()
    let pairs: [(key: String, value: Any)] = [
      ("path", place), ("headCount", head.count), ("headFindings", unshown.map(\.description)),
    ]
    try options.print(report.pairs + pairs, text: report.lines + lines(unshown, isSound: report.isSound))
    guard report.isSound else {
      let advice = backup == nil ? "restore the last backup that is sound" : "restore another backup"
      throw DaemonFailure(.failed, "\(place) is damaged; keep it, and \(advice)")
    }
    guard unshown.isEmpty else {
      throw DaemonFailure(.failed, "\(place): \(Self.unshownLine); keep the log, and the heads")
    }
  }

  private static let unshownLine = "the access log is not shown to be the one that the heads commit to"

  /// What is said of the heads for people.
  private func lines(_ unshown: [VerifyReport.Finding], isSound: Bool) -> [String] {
    guard unshown.isEmpty else { return unshown.map { "  \($0)" } + [Self.unshownLine] }
    return head.isEmpty || !isSound ? [] : ["the access log is the one that \(head.count) heads commit to"]
  }
}

/// `plenaryd restore`
struct RestoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Make the store of a stopped daemon from a backup.",
    discussion: """
      The backup is verified first, whole. The store begins a new epoch: revisions
      and page tokens from before are refused with EPOCH_CHANGED, so that nobody
      goes on from what is lost. The history in the backup stays readable.

      Persons who were erased after the backup are erased again: those that the
      directory lists in its erasures.jsonl, and those in lists that are given.

      Examples:

        plenaryd restore /backups/monday --data /var/lib/plenary
        plenaryd restore /backups/monday --data /var/lib/plenary --replace
        plenaryd restore /backups/monday --data /new --erasures /safe/erasures.jsonl
      """)

  @Argument(help: ArgumentHelp("The backup.", valueName: "backup"))
  var backup: String

  @Flag(help: "Give up the store that is in the directory.")
  var replace = false

  @Option(help: ArgumentHelp("The secret key of a backup that is sealed.", valueName: "file"))
  var identity: String?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "A list of what was erased, from the directory of the store. May be repeated.", valueName: "file"))
  var erasures: [String] = []

  @OptionGroup
  var options: UpkeepOptions

  func run() throws {
    umask(0o077)
    let directory = try options.directory()
    let key = try identity.map { try KeyFile.unsealingKey($0) }
    let bar = UpkeepBar()
    defer { bar.end() }
    do throws(StoreError) {
      if key == nil, let seal = try SQLiteStore.manifest(ofBackup: backup).seal {
        throw StoreError.corrupt(reason: "it is sealed to the key \(seal.keyID); give its secret half with --identity")
      }
      let done = try SQLiteStore.restore(
        backup: backup, to: directory, isReplacing: replace, with: key,
        erasures: ErasureReplay(
          files: erasures, indexing: KindCatalog.current.indexing,
          randomBytes: DaemonConfiguration(listen: [], data: .directory(directory)).inputs.randomBytes),
        now: DaemonConfiguration.systemTime(), watch: bar.watch)
      bar.end()
      let pairs: [(key: String, value: Any)] = [
        ("path", directory), ("epoch", Int(done.identity.epoch)), ("revision", Int(done.revision.number)),
        ("backupRevision", Int(done.manifest.revision.number)), ("backupTime", done.manifest.time.text),
        ("erasureCount", done.erasureCount),
      ]
      // The store is restored, whether anybody reads that or not.
      try? options.print(
        pairs,
        text: [
          "\(directory): restored from revision \(done.manifest.revision) of \(done.manifest.time.text); "
            + "epoch \(done.identity.epoch) has come to revision \(done.revision)"
            + (done.erasureCount > 0 ? ", with \(done.erasureCount) persons erased again" : "")
        ])
    } catch {
      if case .occupied(let path) = error {
        throw DaemonFailure(
          .failed, "\(path) is there already, and nothing was changed; give --replace to give it up, or another --data")
      }
      if case .corrupt(let reason) = error {
        throw DaemonFailure(.failed, "\(backup) cannot be restored: \(reason); nothing was changed, use another backup")
      }
      throw DaemonFailure(upkeepOf: directory, error)
    }
  }
}
