import Testing

@testable import plenary

struct TableTests {
  private func dialogues() -> Table {
    var table = Table([
      Table.Column(title: "NAME", isFixed: true), Table.Column(title: "ORDINAL", alignment: .right),
      Table.Column(title: "TITLE"), Table.Column(title: "PLACE"),
    ])
    table.add(["dialogues/asia-ict-ct-1", "1", "", "제주도, KR"])
    table.add(["dialogues/asia-ict-ct-3", "3", "Third ICT/counter-terrorism Asia Dialogue", "Kuala Lumpur, MY"])
    return table
  }

  @Test func `without a limit everything is there in full`() {
    #expect(
      dialogues().lines(width: nil) == [
        "NAME                     ORDINAL  TITLE                                      PLACE",
        "dialogues/asia-ict-ct-1        1                                             제주도, KR",
        "dialogues/asia-ict-ct-3        3  Third ICT/counter-terrorism Asia Dialogue  Kuala Lumpur, MY",
      ])
  }

  @Test func `on a narrow terminal the widest texts are cut and names are not`() {
    #expect(
      dialogues().lines(width: 72) == [
        "NAME                     ORDINAL  TITLE                 PLACE",
        "dialogues/asia-ict-ct-1        1                        제주도, KR",
        "dialogues/asia-ict-ct-3        3  Third ICT/counter-t…  Kuala Lumpur, MY",
      ])
  }

  @Test(arguments: 24...110)
  func `lines never exceed the width as long as the names fit`(_ width: Int) {
    for line in dialogues().lines(width: width) { #expect(DisplayWidth.of(line) <= width) }
  }

  @Test func `columns are left out when cutting is not enough`() {
    #expect(
      dialogues().lines(width: 34) == [
        "NAME                     ORDINAL",
        "dialogues/asia-ict-ct-1        1",
        "dialogues/asia-ict-ct-3        3",
      ])
    #expect(dialogues().lines(width: 10)[1] == "dialogues/asia-ict-ct-1")
  }

  @Test func `only the head is emphasized`() {
    let lines = dialogues().lines(width: 34, style: TextStyle(isEnabled: true))
    #expect(lines[0] == "\u{1B}[1mNAME                     ORDINAL\u{1B}[0m")
    #expect(lines[1] == "dialogues/asia-ict-ct-1        1")
  }
}
