internal import Testing

/// Each rule sees what it is for, and nothing in code that keeps it.
@Suite struct RuleTests {
  @Test(
    "a trap is seen",
    arguments: [
      "let a = try! f()", "let a = b as! C", "let a = b!", "f()!.g", "a[0]!", "var a: B!", #"let a = "\(b!)""#,
    ])
  func trapIsSeen(code: String) {
    #expect(SafetyRules.check(SwiftText(code)).count == 1)
  }

  @Test(
    "code without a trap passes",
    arguments: [
      "if !a { b() }", "f(!a)", "a != b", "a ? !b : c", #"let a = "b! c as! d""#, "// try! to", "/* a! /* b! */ c! */",
      #"let a = #"b"! c"#, #"let a = /b"!/"#, "let `a! b` = 1", "\"\"\"\n a! \"b!\" \n\"\"\"",
    ])
  func noTrap(code: String) {
    #expect(SafetyRules.check(SwiftText(code)) == [])
  }

  @Test func `a failure is not hidden`() {
    #expect(SafetyRules.check(SwiftText("do { try f() } catch { }")).map(\.rule) == ["empty catch"])
    #expect(SafetyRules.check(SwiftText("do { try f() } catch {\n // why\n}")).map(\.rule) == ["empty catch"])
    #expect(SafetyRules.check(SwiftText("do { try f() } catch let e as E {}")).map(\.rule) == ["empty catch"])
    #expect(SafetyRules.check(SwiftText("do { try f() } catch E.a {\n // why\n}")) == [])
    #expect(SafetyRules.check(SwiftText("let a = try? f()")).map(\.rule) == ["try? without a reason"])
    #expect(SafetyRules.check(SwiftText("// No file is fine.\nlet a = try? f()")) == [])
  }

  @Test func `unsafe code needs a place and a reason`() {
    let bare = "struct A {\n func f() {\n unsafe g()\n }\n}"
    #expect(SafetyRules.check(SwiftText(bare)).map(\.rule) == ["unsafe in Sample"])
    let path = "Sources/HTTP2/A.swift"
    #expect(SafetyRules.check(SwiftText(path: path, bare)).map(\.rule) == ["unsafe without a SAFETY: comment"])
    for reasoned in [
      "struct A {\n func f() {\n // SAFETY: b\n unsafe g()\n }\n}",
      "struct A {\n // SAFETY: b\n func f() {\n unsafe g()\n }\n}",
      "// SAFETY: b\nimport A\n\nfunc f() {\n unsafe g()\n}",
      "import A\n// SAFETY: b\n// and c\n@frozen\nstruct A {\n func f() {\n unsafe g()\n }\n}",
    ] {
      #expect(SafetyRules.check(SwiftText(path: path, reasoned)) == [], "\(reasoned)")
    }
    let elsewhere = "import A\n// SAFETY: of B\nstruct B {}\nstruct A {\n func f() {\n unsafe g()\n }\n}"
    #expect(SafetyRules.check(SwiftText(path: path, elsewhere)).count == 1)
    #expect(SafetyRules.check(SwiftText(path: path, "final class A: @unchecked Sendable {}")).count == 1)
  }

  @Test func `work nobody waits for is seen`() {
    #expect(SafetyRules.check(SwiftText("Task { f() }")).count == 1)
    #expect(SafetyRules.check(SwiftText("Task.detached { f() }")).count == 1)
    #expect(SafetyRules.check(SwiftText("let a: Task<Void, Never>")) == [])
  }

  @Test func `an import outside the table is seen`() {
    let http2 = "Sources/HTTP2/A.swift"
    #expect(ImportRules.check(SwiftText(path: http2, "internal import CNghttp2")) == [])
    #expect(ImportRules.check(SwiftText(path: http2, "internal import PlenaryStore")).count == 1)
    #expect(ImportRules.check(SwiftText(path: http2, "internal import struct Foundation.Date")).count == 1)
    #expect(ImportRules.check(SwiftText(path: http2, "public import CNghttp2")).count == 1)
    #expect(ImportRules.check(SwiftText(path: "Sources/New/A.swift", "import HTTP2")).count == 1)
    #expect(ImportRules.check(SwiftText(path: "Tests/HTTP2Tests/A.swift", "import XCTest")).count == 1)
  }

  @Test func `a long function is seen and an exception only shrinks`() {
    let body = String(repeating: "  g()\n", count: 70)
    let file = SwiftText(
      "protocol P {\n  func f()\n  var a: Int { get }\n}\nfunc f(_ h: () -> Void = {}) {\n\(body)}\n")
    #expect(SizeRules.check(file).map(\.rule) == ["f has 72 lines of 70"])
    let subject = "\(file.path) f"
    #expect(SizeRules.check(SwiftText("func f() {\n\(body)}\n"), exceptions: [subject: 72]) == [])
    #expect(SizeRules.check(SwiftText("func f() {\n\(body)}\n"), exceptions: [subject: 73]).count == 1)
    let long = SwiftText(String(repeating: "let a = 1\n", count: 501))
    #expect(SizeRules.check(long).map(\.rule) == ["the file has 501 lines of 500"])
  }

  @Test func `a banned word is seen as a whole word only`() {
    let banned: Set = ["Info", "Base"]
    #expect(NameRules.check(SwiftText("struct StreamInfo {}"), banned: banned).count == 1)
    #expect(
      NameRules.check(SwiftText("struct Base64 {}\nstruct Information {}\nclass Database {}"), banned: banned) == [])
    #expect(NameRules.check(SwiftText(path: "Sources/A/BaseStore.swift", ""), banned: banned).count == 1)
    #expect(NameRules.words(of: "HTTP2StreamID") == ["HTTP2", "Stream", "ID"])
  }

  @Test func `the clock is passed in`() {
    let domain = "Sources/PlenaryDomain/A.swift"
    #expect(PurityRules.check(SwiftText(path: domain, "let a = Date()")).count == 1)
    #expect(PurityRules.check(SwiftText(path: domain, "let a = Int.random(in: 0..<9)")).count == 1)
    #expect(PurityRules.check(SwiftText(path: domain, "let a = Date(timeIntervalSince1970: 0)")) == [])
    #expect(PurityRules.check(SwiftText(path: domain, "let a = random(1) + Int.random(in: b, using: &c)")) == [])
    #expect(PurityRules.check(SwiftText(path: "Sources/plenary/A.swift", "let a = Date()")) == [])
    for question in [
      "Date.now", "ContinuousClock.now", "NIODeadline.now()", "time(nil)", "clock_gettime(a, &b)", "a.shuffled()",
    ] {
      #expect(PurityRules.check(SwiftText(path: domain, "let a = \(question)")).count == 1, "\(question)")
    }
    for answer in ["time(a)", "a.shuffled(using: &b)", "Date(a)", "NIODeadline(a)"] {
      #expect(PurityRules.check(SwiftText(path: domain, "let a = \(answer)")) == [], "\(answer)")
    }
    let door = "Sources/GRPCRuntime/Call/RuntimeClock.swift"
    #expect(PurityRules.check(SwiftText(path: door, "let a = NIODeadline.now()")) == [])
    #expect(PurityRules.check(SwiftText(path: door, "let a = Date()")).count == 1)
    #expect(PurityRules.idleDoors(in: [SwiftText(path: door, "let a = 1")]).contains("\(door) NIODeadline"))
    #expect(PurityRules.check(SwiftText(path: "Tests/A/A.swift", "try await Task.sleep(for: .seconds(1))")).count == 1)
  }

  @Test func `marks need an issue`() {
    #expect(ProseRules.checkMarks(SwiftText("// TO" + "DO: later")).count == 1)
    #expect(ProseRules.checkMarks(SwiftText("// TO" + "DO(#12): later")) == [])
    #expect(ProseRules.checkMarks(SwiftText("// FIX" + "ME")).count == 1)
  }

  @Test func `a place of one machine is seen with its line`() {
    let text = "a\nb " + ProseRules.foreignText[0] + "c\n"
    #expect(ProseRules.checkPlaces(path: "README.md", bytes: Array(text.utf8)).map(\.line) == [2])
  }

  @Test func `a test without a sentence is seen`() {
    let path = "Tests/A/A.swift"
    #expect(TestRules.check(SwiftText(path: path, "@Test func works() {}")).count == 1)
    #expect(TestRules.check(SwiftText(path: path, "@Test func `a peer reset ends the call`() {}")) == [])
    #expect(TestRules.check(SwiftText(path: path, "@Test(\"a b\", arguments: c)\nfunc d() {}")) == [])
  }
}
