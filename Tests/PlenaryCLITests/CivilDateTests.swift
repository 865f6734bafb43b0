import Testing

@testable import plenary

struct CivilDateTests {
  @Test(arguments: ["2017", "2017-05", "2017-05-29", "0099"])
  func `a date is written as far as it is known`(_ text: String) throws {
    #expect(try #require(CivilDate(text)).text == text)
  }

  @Test(arguments: ["", "17", "2017-5", "2017-05-", "2017/05", "2017-05-29-1", "२०१७", "-017", "2017-005"])
  func `anything else is not a date`(_ text: String) {
    #expect(CivilDate(text) == nil)
  }

  @Test(arguments: [
    ("2018-11-07", "2018-11-08", "7–8 November 2018"),
    ("2017-05-29", "2017-05-30", "29–30 May 2017"),
    ("2018-01-31", "2018-02-02", "31 January – 2 February 2018"),
    ("2018-12-30", "2019-01-02", "30 December 2018 – 2 January 2019"),
    ("2018-11-07", "2018-11-07", "7 November 2018"),
    ("2017", "2017", "2017"),
    ("2017", "2018-05", "2017 – 2018-05"),
    ("2017-05", "2017-05-30", "2017-05 – 2017-05-30"),
  ])
  func `a period reads as people write it`(_ first: String, _ last: String, _ text: String) {
    #expect(CivilDate.range(CivilDate(first), CivilDate(last)) == text)
  }

  @Test func `a period may be open`() {
    #expect(CivilDate.range(CivilDate("2017"), nil) == "from 2017")
    #expect(CivilDate.range(nil, CivilDate("2018-05")) == "until 2018-05")
    #expect(CivilDate.range(nil, nil) == "")
  }
}
