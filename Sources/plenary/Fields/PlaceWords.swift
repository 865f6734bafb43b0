internal import PlenaryAPI

/// Where something takes place, in words.
enum PlaceWords {
  /// The place and the code of its country or territory: `Kuala Lumpur, MY`.
  static func words(_ location: Dialogue.Location) -> String {
    [location.locality, location.regionCode].filter { !$0.isEmpty }.joined(separator: ", ")
  }
}
