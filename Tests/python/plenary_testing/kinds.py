"""What a record of each kind has to have, in a registry with the example."""

DIALOGUE = "dialogues/asia-ict-ct-3"
SERIES = "series/asia-ict-ct-dialogue"
MANDATE = "mandates/s-res-2129-2013"
CTED = "organizations/cted"
THEME = "themes/incitement-online-violent-extremism"

# By kind: the parent, the collection, and what a record has to have; `n` numbers the records.
KINDS = {
    "Source": ("", "sources", lambda text, n: {"title": text}),
    "Organization": ("", "organizations", lambda text, n: {"title": text, "kind": "GOVERNMENT_MINISTRY"}),
    "Person": ("", "persons", lambda text, n: {"family_name": f"One {n}"}),
    "Theme": ("", "themes", lambda text, n: {"pref_label": text, "scheme": "topics"}),
    "Mandate": (
        "",
        "mandates",
        lambda text, n: {
            "symbol": f"S/RES/{3000 + n} (2040)",
            "title": text,
            "kind": "DECLARATION",
            "adopting_organization": CTED,
        },
    ),
    "Directive": (
        MANDATE,
        "directives",
        lambda text, n: {"verb": "NOTES", "ordinal": 10 + n, "summary": text},
    ),
    "Initiative": ("", "initiatives", lambda text, n: {"title": text, "owner_organization": CTED}),
    "Series": ("", "series", lambda text, n: {"title": text}),
    "Dialogue": ("", "dialogues", lambda text, n: {"title": text}),
    "WorkingGroup": (DIALOGUE, "workingGroups", lambda text, n: {"ordinal": 10 + n, "theme": THEME}),
    "Panel": (DIALOGUE, "panels", lambda text, n: {"ordinal": 10 + n, "title": text}),
    "Intervention": (DIALOGUE, "interventions", lambda text, n: {"kind": "ADDRESS", "summary": text}),
    "Finding": (
        DIALOGUE,
        "findings",
        lambda text, n: {"origin": f"{DIALOGUE}/workingGroups/wg-1", "kind": "CHALLENGE", "text": text, "ordinal": 10 + n},
    ),
    "Partnership": (
        "",
        "partnerships",
        lambda text, n: {
            "kind": "COOPERATION",
            "subject": SERIES,
            "participants": [{"organization": CTED, "role": "COOPERATING"}],
        },
    ),
    "Consultation": (
        "",
        "consultations",
        lambda text, n: {
            "directive": f"{MANDATE}/directives/address-ict",
            "stakeholder_group": "PRIVATE_SECTOR",
            "dialogue": DIALOGUE,
        },
    ),
    "Recommendation": (
        "",
        "recommendations",
        lambda text, n: {"text": text, "dialogue": DIALOGUE, "addressee": "organizations/ctc"},
    ),
    "FollowUp": ("recommendations/base", "followUps", lambda text, n: {"note": text}),
    "OutcomeReport": ("", "outcomeReports", lambda text, n: {"series": SERIES, "title": text}),
    "SharingGroup": ("", "sharingGroups", lambda text, n: {"title": f"One {n}", "organizations": [CTED]}),
    "Client": ("", "clients", lambda text, n: {"organization": CTED, "max_label": "AMBER"}),
}
