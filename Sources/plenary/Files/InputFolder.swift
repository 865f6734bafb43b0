internal import Foundation

/// The files of records at a path: the file itself, or those of a folder and of the folders in it.
enum InputFolder {
  /// The endings of files that a folder is searched for.
  private static let endings: Set = ["json", "yaml", "yml"]

  /// The files at paths, those of a folder by their names. What begins with a dot is passed over.
  ///
  /// - Throws: a `Failure` if a folder cannot be read or has no such file in it.
  static func files(at paths: [String]) throws(Failure) -> [InputFile] {
    guard paths.count(where: { $0 == "-" }) <= 1 else { throw Failure(.usage, "the input can be read once only") }
    var found: [InputFile] = []
    for path in paths {
      if path != "-", isFolder(path) {
        found += try files(in: path)
      } else {
        found.append(InputFile(path: path))
      }
    }
    return found
  }

  private static func isFolder(_ path: String) -> Bool {
    let target = URL(filePath: path).resolvingSymlinksInPath().path
    // What is not there is no folder; that it cannot be read shows when it is read.
    return (try? FileManager.default.attributesOfItem(atPath: target))?[.type] as? FileAttributeType == .typeDirectory
  }

  private static func files(in folder: String) throws(Failure) -> [InputFile] {
    let paths: [String]
    do {
      paths = try FileManager.default.subpathsOfDirectory(atPath: folder)
    } catch {
      throw Failure(.other, "cannot read \(folder): \(FileFailure.reason(error))")
    }
    let wanted = paths.filter { path in
      endings.contains(URL(filePath: path).pathExtension.lowercased())
        && !path.split(separator: "/").contains { $0.hasPrefix(".") } && !isFolder("\(folder)/\(path)")
    }
    guard !wanted.isEmpty else {
      throw Failure(
        .usage, "there is no file of records in \(folder)", advice: "their names end in .yaml, .yml or .json")
    }
    let base = folder.hasSuffix("/") ? folder : folder + "/"
    return wanted.sorted().map { InputFile(path: base + $0) }
  }
}
