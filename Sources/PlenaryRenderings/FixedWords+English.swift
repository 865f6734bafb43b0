extension FixedWords {
  /// The words in English: a key and what is said, a line each.
  static let english = """
    document.contents Contents
    document.skip Skip to the text
    document.report Outcomes report
    document.about About this document
    document.classification Distribution
    document.version Version of the rules
    document.replaced Takes the place of the content with the digest
    annex Annex
    part.A Mandate and background
    part.B The dialogues
    part.C Results and findings by theme
    part.D Recommendations
    part.E Consultations
    annex.1 Partners
    annex.2 Sources
    annex.3 What is missing, and what was withheld
    annex.4 Records on which this report rests
    part.PART_A Part A
    part.PART_B Part B
    part.PART_C Part C
    part.PART_D Part D
    part.PART_E Part E
    part.ANNEXES Annexes
    label.series Series
    label.launched Launched
    label.focus Area
    label.owner Led by
    label.aims Aims
    label.initiative Initiative
    label.adoptedBy Adopted by
    label.adopted Adopted
    label.address To be read at
    label.paragraph Paragraph
    label.verb Operative verb
    label.advisee To advise
    label.groups To be consulted
    label.date Dates
    label.place Place
    label.venue Venue
    label.format Format
    label.participants Participants
    label.panel Panel
    label.moderator Moderator
    label.panellists Panellists
    label.interventions Interventions
    label.group Working group
    label.chair Chair
    label.rapporteur Rapporteur
    label.members Members
    label.contributor Contributed by
    label.recommendation Recommendation
    label.state State
    label.addressee Addressed to
    label.directive Under
    label.priority Priority
    label.due Due
    label.response Response
    label.grounds Rests on
    label.followUps Follow-up
    label.successor Superseded by
    label.stakeholders Stakeholder group
    label.elsewhere Outside of these dialogues
    label.organization Organization
    label.role Role
    label.subject In
    label.period When
    label.contribution Contribution
    label.record Record
    label.digest SHA-256
    label.contentDigest Digest of the content
    label.revision Revision of the registry
    label.treeHead Head of the audit tree
    label.missing What is missing
    label.withheld Withheld
    text.chathamHouse Held under the Chatham House Rule: nobody who took part is named.
    text.fewerThan fewer than %
    text.redacted Name removed on %
    text.redactedUndated Name removed
    text.machine machine translation
    text.more and % more
    text.nothingFound Nothing is recorded on this theme.
    text.noPanels No panels are recorded.
    text.noSummary No summary is recorded.
    text.noResults No results are recorded.
    text.none None.
    text.notConsulted not consulted
    text.otherThemes Without a theme
    text.waived waived: %
    text.since since %
    text.until until %
    figure.timeline The dialogues in time
    figure.timeline.about The dialogues from the first to the last. Dates and places are given in the text below.
    figure.partners Partners by role
    figure.partners.about Lines lead from organizations to the roles that they had. The table below says the same.
    format.WORKSHOP workshop
    format.CONFERENCE conference
    format.PANEL panel discussion
    format.OPEN_BRIEFING open briefing
    modality.IN_PERSON in person
    modality.ONLINE online
    modality.HYBRID hybrid
    role.LAUNCHER Launcher
    role.ORGANIZER Organizer
    role.CO_ORGANIZER Co-organizer
    role.HOST Host
    role.COOPERATING In cooperation with
    role.SUPPORTER With the support of
    role.ADDITIONAL_SUPPORTER With the additional support of
    role.FUNDER Funder
    role.KNOWLEDGE_PARTNER Knowledge partner
    finding.EXPERIENCE Experience
    finding.CHALLENGE Challenges
    finding.GOOD_PRACTICE Good practice
    finding.CONCLUSION Conclusions
    advice.DRAFT draft
    advice.SUBMITTED submitted
    advice.ACCEPTED accepted
    advice.PARTIALLY_ACCEPTED partially accepted
    advice.REJECTED rejected
    advice.IMPLEMENTING being implemented
    advice.IMPLEMENTED implemented
    advice.WITHDRAWN withdrawn
    advice.SUPERSEDED superseded
    priority.LOW low
    priority.MEDIUM medium
    priority.HIGH high
    stakeholders.MEMBER_STATES Member States
    stakeholders.INTERNATIONAL_ORGANIZATIONS International organizations
    stakeholders.REGIONAL_ORGANIZATIONS Regional organizations
    stakeholders.SUBREGIONAL_ORGANIZATIONS Subregional organizations
    stakeholders.PRIVATE_SECTOR Private sector
    stakeholders.CIVIL_SOCIETY Civil society
    verb.NOTES notes
    verb.CALLS_UPON calls upon
    verb.ENCOURAGES encourages
    verb.REQUESTS requests
    verb.DIRECTS directs
    verb.DECIDES decides
    intervention.ADDRESS Address
    intervention.STATEMENT Statement
    intervention.PRESENTATION Presentation
    gap.GROUP_WITHOUT_RESULTS A working group has no results
    gap.PANEL_WITHOUT_SUMMARY A panel has no summary
    gap.DIALOGUE_WITHOUT_PANELS No panels are recorded
    gap.THEME_WITHOUT_FINDINGS Nothing was found on a theme
    gap.DIALOGUE_NOT_CONCLUDED A dialogue has not been concluded
    report.DRAFT draft
    report.COMPILED compiled, not yet reviewed
    report.IN_REVIEW in review
    report.APPROVED approved
    report.PUBLISHED published
    report.SUPERSEDED superseded
    report.DELETED deleted
    """
}
