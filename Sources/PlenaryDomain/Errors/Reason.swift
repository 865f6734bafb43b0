/// The rules of the registry that a call can break, by the names that stand in `google.rpc.ErrorInfo.reason`.
///
/// A name is part of the API: it is never changed and never given another meaning.
package enum Reason: String, CaseIterable, Sendable {
  /// The domain of the names, as it stands in `google.rpc.ErrorInfo.domain`.
  package static let domain = "plenary.registry"

  // Names, ids and presence.
  case resourceNotFound = "RESOURCE_NOT_FOUND"
  case resourceExists = "RESOURCE_EXISTS"
  case resourceTypeUnknown = "RESOURCE_TYPE_UNKNOWN"
  case idInvalid = "ID_INVALID"
  case hasChildren = "HAS_CHILDREN"
  case resourceInUse = "RESOURCE_IN_USE"

  // Fields.
  case fieldRequired = "FIELD_REQUIRED"
  case fieldImmutable = "FIELD_IMMUTABLE"
  case maskPathUnknown = "MASK_PATH_UNKNOWN"
  case textTooLong = "TEXT_TOO_LONG"
  case listTooLong = "LIST_TOO_LONG"
  case numberOutOfRange = "NUMBER_OUT_OF_RANGE"
  case codeUnknown = "CODE_UNKNOWN"
  case urlInvalid = "URL_INVALID"
  case identifierInvalid = "IDENTIFIER_INVALID"
  case originalLanguageMissing = "ORIGINAL_LANGUAGE_MISSING"
  case languageDuplicate = "LANGUAGE_DUPLICATE"
  case citationInvalid = "CITATION_INVALID"
  case dateInvalid = "DATE_INVALID"
  case dateRangeInvalid = "DATE_RANGE_INVALID"
  case dateRangeTooLong = "DATE_RANGE_TOO_LONG"

  // References.
  case referenceNotFound = "REFERENCE_NOT_FOUND"
  case referenceDeleted = "REFERENCE_DELETED"
  case referenceType = "REFERENCE_TYPE"

  // Rules of single kinds.
  case ordinalTaken = "ORDINAL_TAKEN"
  case predecessorInvalid = "PREDECESSOR_INVALID"
  case symbolInvalid = "SYMBOL_INVALID"
  case symbolTaken = "SYMBOL_TAKEN"
  case addresseeMissing = "ADDRESSEE_MISSING"
  case organizationCycle = "ORGANIZATION_CYCLE"
  case themeCycle = "THEME_CYCLE"
  case themeRelatedConflict = "THEME_RELATED_CONFLICT"
  case themeSchemeMismatch = "THEME_SCHEME_MISMATCH"
  case labelConflict = "LABEL_CONFLICT"
  case partnershipDuplicate = "PARTNERSHIP_DUPLICATE"
  case partnershipDates = "PARTNERSHIP_DATES"
  case themeNotOnDialogue = "THEME_NOT_ON_DIALOGUE"
  case contentFrozen = "CONTENT_FROZEN"
  case illegalTransition = "ILLEGAL_TRANSITION"
  case organizerMissing = "ORGANIZER_MISSING"
  case ordinalDateOrder = "ORDINAL_DATE_ORDER"
  case findingsMixedSeries = "FINDINGS_MIXED_SERIES"
  case reportIncomplete = "REPORT_INCOMPLETE"
  case reportNotCompiled = "REPORT_NOT_COMPILED"
  case reportContentLost = "REPORT_CONTENT_LOST"
  case attributionForbidden = "ATTRIBUTION_FORBIDDEN"
  case attributionPresent = "ATTRIBUTION_PRESENT"
  case attributionRuleLocked = "ATTRIBUTION_RULE_LOCKED"
  case legalHold = "LEGAL_HOLD"
  case personErased = "PERSON_ERASED"
  case reasonNamesPerson = "REASON_NAMES_PERSON"

  // Markings.
  case markingTooLoose = "MARKING_TOO_LOOSE"
  case recipientsMissing = "RECIPIENTS_MISSING"
  case tlpLabelInvalid = "TLP_LABEL_INVALID"
  case sharingGroupCycle = "SHARING_GROUP_CYCLE"

  // Callers.
  case credentialsMissing = "CREDENTIALS_MISSING"
  case credentialsInvalid = "CREDENTIALS_INVALID"
  case roleMissing = "ROLE_MISSING"
  case originatorOnly = "ORIGINATOR_ONLY"
  case markingOriginatorOnly = "MARKING_ORIGINATOR_ONLY"
  case rightsChanged = "RIGHTS_CHANGED"
  case scopeInvalid = "SCOPE_INVALID"
  case expiryInvalid = "EXPIRY_INVALID"
  case tokenNotFound = "TOKEN_NOT_FOUND"
  case fourEyes = "FOUR_EYES"
  case grantNotPending = "GRANT_NOT_PENDING"
  case certificateInvalid = "CERTIFICATE_INVALID"
  case certificateTaken = "CERTIFICATE_TAKEN"
  case subjectInvalid = "SUBJECT_INVALID"
  case subjectTaken = "SUBJECT_TAKEN"

  // Calls.
  case etagMismatch = "ETAG_MISMATCH"
  case filterSyntax = "FILTER_SYNTAX"
  case filterFieldUnknown = "FILTER_FIELD_UNKNOWN"
  case searchSyntax = "SEARCH_SYNTAX"
  case pageSizeInvalid = "PAGE_SIZE_INVALID"
  case pageTokenInvalid = "PAGE_TOKEN_INVALID"
  case epochChanged = "EPOCH_CHANGED"
  case requestIDInvalid = "REQUEST_ID_INVALID"
  case requestIDReused = "REQUEST_ID_REUSED"
  case revisionInvalid = "REVISION_INVALID"
  case revisionCompacted = "REVISION_COMPACTED"
  case revisionFuture = "REVISION_FUTURE"
  case writeContention = "WRITE_CONTENTION"
  case importHeaderInvalid = "IMPORT_HEADER_INVALID"
  case importRecordInvalid = "IMPORT_RECORD_INVALID"
  case applyRecordInvalid = "APPLY_RECORD_INVALID"
  case pruneLimitExceeded = "PRUNE_LIMIT_EXCEEDED"
  case exportFormatUnknown = "EXPORT_FORMAT_UNKNOWN"
  case callCancelled = "CALL_CANCELLED"
  case watcherTooSlow = "WATCHER_TOO_SLOW"

  // Operations.
  case operationRunning = "OPERATION_RUNNING"
  case backupPlaceMissing = "BACKUP_PLACE_MISSING"
  case sealingKeyInvalid = "SEALING_KEY_INVALID"

  // Followers.
  case readOnlyFollower = "READ_ONLY_FOLLOWER"
  case followerBehind = "FOLLOWER_BEHIND"
  case notAFollower = "NOT_A_FOLLOWER"
  case leaderConnected = "LEADER_CONNECTED"
  case storeDiffers = "STORE_DIFFERS"
  case historyDiffers = "HISTORY_DIFFERS"

  // The search index.
  case indexBuilding = "INDEX_BUILDING"
  case indexBehind = "INDEX_BEHIND"

  // The store.
  case limitReached = "LIMIT_REACHED"
  case quotaExceeded = "QUOTA_EXCEEDED"
  case overloaded = "OVERLOADED"
  case storeReadOnly = "STORE_READ_ONLY"
  case storeUnavailable = "STORE_UNAVAILABLE"
  case outcomeUnknown = "OUTCOME_UNKNOWN"

  /// What a caller should make of a call that breaks the rule.
  package var code: DomainError.Code {
    switch self {
    case .callCancelled: .cancelled
    case .credentialsMissing, .credentialsInvalid: .unauthenticated
    case .roleMissing, .originatorOnly, .markingOriginatorOnly: .permissionDenied
    case .resourceNotFound, .tokenNotFound: .notFound
    case .resourceExists, .ordinalTaken, .symbolTaken, .partnershipDuplicate, .certificateTaken, .subjectTaken:
      .alreadyExists
    case .hasChildren, .resourceInUse, .themeNotOnDialogue, .contentFrozen, .illegalTransition, .organizerMissing,
      .ordinalDateOrder, .attributionPresent, .attributionRuleLocked, .legalHold, .personErased, .pruneLimitExceeded,
      .operationRunning, .backupPlaceMissing, .readOnlyFollower, .notAFollower, .fourEyes, .grantNotPending,
      .leaderConnected, .storeDiffers, .historyDiffers, .reportIncomplete, .reportNotCompiled, .reportContentLost:
      .failedPrecondition
    case .etagMismatch, .writeContention, .rightsChanged: .aborted
    case .revisionCompacted, .revisionFuture, .epochChanged: .outOfRange
    case .limitReached, .quotaExceeded, .watcherTooSlow: .resourceExhausted
    case .storeReadOnly, .storeUnavailable, .outcomeUnknown, .followerBehind, .indexBuilding, .indexBehind, .overloaded:
      .unavailable
    default: .invalidArgument
    }
  }
}
