internal import Foundation
internal import Glibc
internal import ProcessSpawn

/// Makes a PDF of a page by a browser that is installed, without a window, a network or a place to keep anything.
struct PDFPrinter {
  /// The programs that print pages, in the order in which they are looked for.
  private static let programs = ["chromium", "chromium-browser", "google-chrome", "weasyprint"]

  /// How long a program may take, and how much of a processor, in seconds.
  private static let secondsMax = 120

  /// The largest file that a program may write, in blocks of 512 bytes.
  private static let fileBlocksMax = 1 << 20

  /// Sets the limits and becomes the program.
  private static let limited =
    "ulimit -c 0 && ulimit -t \(secondsMax) && ulimit -f \(fileBlocksMax) && exec \"$@\""

  private let program: String

  /// Finds a program on the path.
  ///
  /// - Throws: a `Failure` that says what to install.
  init(environment: [String: String]) throws(Failure) {
    let folders = environment["PATH", default: ""].split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
    let places = Self.programs.flatMap { program in folders.map { "\($0)/\(program)" } }
    guard let found = places.first(where: FileManager.default.isExecutableFile) else {
      throw Failure(
        .other, "no program that makes a PDF is installed",
        advice: "install the package chromium (apt-get install chromium), or render --format html and print that")
    }
    program = found
  }

  /// The PDF of a page.
  ///
  /// - Throws: a `Failure` if the program fails or takes too long.
  func pdf(of page: [UInt8]) async throws -> [UInt8] {
    let folder = FileManager.default.temporaryDirectory.appending(path: "plenary-pdf-\(UUID().uuidString)")
    // What is left behind in a temporary folder is not what the user needs to know.
    defer { try? FileManager.default.removeItem(at: folder) }
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      try Data(page).write(to: folder.appending(path: "page.html"))
      try await run(in: folder)
      let pdf = try Data(contentsOf: folder.appending(path: "page.pdf"))
      guard pdf.starts(with: Array("%PDF-".utf8)) else { throw Failure(.other, "\(program) has written no PDF") }
      return Array(pdf)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(.other, "\(program) has made no PDF: \(FileFailure.reason(error))")
    }
  }

  private func run(in folder: URL) async throws {
    var surroundings = SpawnedProcess.Surroundings()
    surroundings.folder = folder.path
    // Nothing of what this program was told, tokens among it, is for another one.
    surroundings.environment = [
      "PATH=/usr/bin:/bin", "HOME=\(folder.path)", "LANG=C.UTF-8", "TMPDIR=\(folder.path)",
    ]
    surroundings.files = [nil, nil, nil]
    // The limits hold for the program and for whatever it starts; the time ends all of them.
    let words =
      ["--kill-after=5", "\(Self.secondsMax)", "/bin/sh", "-c"]
      + [Self.limited, "sh", program] + arguments(folder)
    let code: Int32
    switch try await SpawnedProcess("/usr/bin/timeout", words, in: surroundings).end() {
    case .exit(let number): code = number
    case .signal(let number): code = 128 + number
    }
    guard code != 0 else { return }
    // What `timeout` ends with when the time is over.
    let isLate = code == 124 || code == 137
    throw Failure(
      .other,
      "\(program) has made no PDF" + (isLate ? " in \(Self.secondsMax) seconds" : ": it ended with \(code)"),
      advice: "render --format html and print that")
  }

  private func arguments(_ folder: URL) -> [String] {
    let (page, pdf) = (folder.appending(path: "page.html"), folder.appending(path: "page.pdf"))
    if program.hasSuffix("weasyprint") { return [page.path, pdf.path] }
    // A browser without a window needs no sandbox of its own as the administrator, who could not have one.
    let isAdministrator = geteuid() == 0
    return [
      "--headless", "--disable-gpu", "--disable-extensions", "--disable-background-networking", "--disable-sync",
      "--no-first-run", "--disable-dev-shm-usage", "--disable-breakpad", "--user-data-dir=\(folder.path)/profile",
      // The page asks for nothing, and whatever the browser itself asks for finds nobody.
      "--proxy-server=http://127.0.0.1:9", "--host-resolver-rules=MAP * ~NOTFOUND",
      "--no-pdf-header-footer", "--print-to-pdf=\(pdf.path)",
    ] + (isAdministrator ? ["--no-sandbox"] : []) + [page.absoluteString]
  }
}
